#include "emulator/control_planes/classic/plan_runner.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "emulator/control_planes/object_writes.h"

namespace kless::control_planes {

using controllers::Batch;
using controllers::Plan;

namespace {

// The API server tries a few suffixes before it gives up on a generated name.
constexpr int kNameAttempts = 8;

}  // namespace

// One batch in progress; shared with the coroutines of its writes.
struct PlanRunner::BatchRun {
  Sync* sync = nullptr;
  Batch* batch = nullptr;
  std::size_t open = 0;
  std::size_t created = 0;
  std::optional<Error> failure;
  std::size_t failed = 0;  // index of the failed write
  WorkTime last;           // of the write that ended last: the time of the batch
};

PlanRunner::PlanRunner(EventLoop& event_loop, Store& store, ApiClient& client, EventSink& events,
                       Telemetry* telemetry, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      client_(client),
      events_(events),
      telemetry_(telemetry),
      random_(seed, "plan runner"),
      write_ended_(event_loop) {}

Task<Result<void>> PlanRunner::Execute(Sync* sync, Plan plan) {
  std::size_t created = 0;
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    Batch& batch = plan.batches[i];
    auto run = std::make_shared<BatchRun>();
    run->sync = sync;
    run->batch = &batch;
    run->open = batch.writes.size();
    for (std::size_t j = 0; j < batch.writes.size(); ++j) {
      Spawn(event_loop_, "write of " + sync->work, RunWrite(run, j));
    }
    while (run->open > 0) co_await write_ended_.Wait();
    sync->spent.throttle += run->last.throttle;
    sync->spent.store += run->last.store;
    created += run->created;
    if (!run->failure) continue;
    const Error failure = *run->failure;
    if (failure.code == ErrorCode::kConflict || !plan.on_failure) co_return failure;
    controllers::FailureReport report;
    report.batch = i;
    report.created = created;
    report.kind = batch.writes[run->failed].kind;
    report.resource = batch.writes[run->failed].id.name;
    report.message = failure.message;
    Plan rest = plan.on_failure(report);
    rest.on_failure = nullptr;
    [[maybe_unused]] const Result<void> reported = co_await Execute(sync, std::move(rest));
    // A namespace that is being deleted refuses creations; no event is emitted for that (reference
    // CM10).
    if (failure.code == ErrorCode::kUnsupported) co_return Result<void>();
    co_return failure;
  }
  for (const controllers::EventNote& note : plan.events) {
    sync->event_target.resource_version = sync->version;
    events_.Say(note.about ? *note.about : sync->event_target, note, std::string());
  }
  co_return Result<void>();
}

Task<> PlanRunner::RunWrite(std::shared_ptr<BatchRun> run, std::size_t index) {
  Write& write = run->batch->writes[index];
  Sync& sync = *run->sync;
  ApiCall call = co_await client_.Begin();
  const Result<std::uint64_t> written = Effect(sync, write);
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(true, 1);
  if (written.has_value()) {
    if (telemetry_ != nullptr && written.value() != 0) {
      WriteTrace trace;
      trace.work = sync.work;
      trace.id = write.id;
      trace.sequence = written.value();
      trace.created = write.kind == Write::Kind::kCreate;
      trace.at = event_loop_.Now();
      trace.reconcile_began_at = sync.began_at;
      trace.spent = sync.spent;
      trace.spent.throttle += call.throttle;
      trace.spent.store += call.store;
      telemetry_->OnWrite(trace);
    }
    if (write.kind == Write::Kind::kCreate) ++run->created;
    sync.created += write.kind == Write::Kind::kCreate ? 1 : 0;
    // A deletion that found nothing will not be seen.
    sync.deleted += write.kind == Write::Kind::kDelete && written.value() != 0 ? 1 : 0;
    sync.newest = std::max(sync.newest, written.value());
    if (write.on_success) {
      sync.event_target.resource_version = sync.version;
      events_.Say(write.on_success->about ? *write.on_success->about : sync.event_target,
                  *write.on_success, write.id.name.substr(write.id.name.find('/') + 1));
    }
  } else if (!run->failure) {
    run->failure = written.error();
    run->failed = index;
  }
  co_await client_.End(&call);
  run->last.throttle = call.throttle;
  run->last.store = call.store;
  --run->open;
  write_ended_.NotifyAll();
}

Result<std::uint64_t> PlanRunner::Create(Write& write) {
  const std::string space = write.id.name;  // "namespace/"
  const std::string namespace_name = space.substr(0, space.find('/'));
  const auto refusal =
      CreationRefusal(store_.resources().Get({"namespace", namespace_name}), namespace_name);
  if (refusal) return MakeError(ErrorCode::kUnsupported, *refusal);
  const bool generates = space.ends_with('/');
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    if (generates) write.id.name = space + write.generate_name + random_.NameSuffix();
    const std::string name = write.id.name.substr(write.id.name.find('/') + 1);
    const auto written = store_.resources().Put(write.id, write.render(name, random_.Uuid()),
                                                Condition::NotExists());
    if (written.has_value()) return written.value().version;
    if (written.error().code != ErrorCode::kAlreadyExists || !generates) return written.error();
  }
  return MakeError(ErrorCode::kAlreadyExists, "no free name begins with " + write.generate_name);
}

Result<std::uint64_t> PlanRunner::Effect(Sync& sync, Write& write) {
  try {
    return Change(sync, write);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInternal, error.what());
  }
}

Result<std::uint64_t> PlanRunner::Change(Sync& sync, Write& write) {
  ResourceTable& resources = store_.resources();
  if (write.kind == Write::Kind::kCreate) return Create(write);
  if (write.kind == Write::Kind::kUpdate) {
    const bool is_owner = write.id == sync.owner;
    const std::uint64_t version = write.version != 0 || !is_owner ? write.version : sync.version;
    const auto written =
        resources.Put(write.id, std::move(write.document), Condition::VersionIs(version));
    if (written.has_error()) {
      if (written.error().code != ErrorCode::kNotFound) return written.error();
      return MakeError(ErrorCode::kConflict, written.error().message);
    }
    if (is_owner) sync.version = written.value().version;
    return written.value().version;
  }
  const Result<ItemPtr> current = resources.Get(write.id);
  if (current.has_error()) {
    if (current.error().code == ErrorCode::kNotFound) return std::uint64_t{0};
    return current.error();
  }
  const Item& item = *current.value();
  std::optional<std::string> document;
  if (write.kind == Write::Kind::kEdit) {
    document = write.edit(item.document);
    if (!document) return std::uint64_t{0};
    if (EditRemoves(write.id, item, *document)) document.reset();
  } else {
    if (!Concerns(write.deletion, item, sync.event_target.uid)) return std::uint64_t{0};
    document = DeletionLeaves(write.id, item, write.deletion, event_loop_.UnixNanos());
  }
  KLESS_TRY(const auto written,
            document
                ? resources.Put(write.id, std::move(*document), Condition::VersionIs(item.version))
                : resources.Remove(write.id, Condition::VersionIs(item.version)));
  if (write.id == sync.owner) sync.version = written.version;
  return written.version;
}

}  // namespace kless::control_planes
