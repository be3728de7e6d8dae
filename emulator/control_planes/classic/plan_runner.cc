#include "emulator/control_planes/classic/plan_runner.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "emulator/control_planes/object_writes.h"
#include "functions/controllers/loop/resource_name.h"

namespace kless::control_planes {

using controllers::Batch;
using controllers::Plan;

namespace {

// The API server tries a few suffixes before it gives up on a generated name.
constexpr int kNameAttempts = 8;

// Why the namespace refuses a creation; nullopt if it does not.
std::optional<std::string> Refusal(Store& store, const controllers::Write& creation) {
  const ResourceId space{"namespace", controllers::NamespacePart(creation.id.name)};
  return CreationRefusal(store.resources().Get(space), creation.id);
}

// An object that is gone needs no write.
Result<std::uint64_t> NothingIfGone(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return std::uint64_t{0};
  return error;
}

}  // namespace

// One batch in progress; shared with the coroutines of its writes.
struct PlanRunner::BatchRun {
  Sync* sync = nullptr;
  Batch* batch = nullptr;
  std::size_t open = 0;
  std::size_t created = 0;
  std::optional<Error> failure;
  const Write* failed = nullptr;  // the write with that failure, and what it means
  controllers::FailureReport::Reason reason = controllers::FailureReport::Reason::kOther;
  WorkTime last;  // of the write that ended last: the time of the batch
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
  for (Batch& batch : plan.batches) {
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
    report.created = created;
    report.write = run->failed;
    report.reason = run->reason;
    report.message = failure.message;
    Plan rest = plan.on_failure(report);
    rest.on_failure = nullptr;
    [[maybe_unused]] const Result<void> reported = co_await Execute(sync, std::move(rest));
    if (run->reason == controllers::FailureReport::Reason::kNamespaceTerminating) {
      co_return Result<void>();
    }
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
  const bool creates = write.Is<controllers::Creation>();
  const std::optional<std::string> refusal = creates ? Refusal(store_, write) : std::nullopt;
  const Result<std::uint64_t> written =
      refusal ? Result<std::uint64_t>(MakeError(ErrorCode::kUnsupported, *refusal))
              : Effect(sync, write);
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(true, 1);
  if (written.has_value()) {
    if (telemetry_ != nullptr && written.value() != 0) {
      WriteTrace trace;
      trace.work = sync.work;
      trace.id = write.id;
      trace.sequence = written.value();
      trace.created = creates;
      trace.at = event_loop_.Now();
      trace.reconcile_began_at = sync.began_at;
      trace.spent = sync.spent;
      trace.spent.throttle += call.throttle;
      trace.spent.store += call.store;
      telemetry_->OnWrite(trace);
    }
    if (creates) ++run->created;
    sync.created += creates ? 1 : 0;
    // A deletion that found nothing will not be seen.
    sync.deleted += write.Is<controllers::Deletion>() && written.value() != 0 ? 1 : 0;
    sync.newest = std::max(sync.newest, written.value());
    if (write.on_success) {
      sync.event_target.resource_version = sync.version;
      events_.Say(write.on_success->about ? *write.on_success->about : sync.event_target,
                  *write.on_success, write.id.name.substr(write.id.name.find('/') + 1));
    }
  } else if (!run->failure) {
    run->failure = written.error();
    run->failed = &write;
    if (refusal) run->reason = controllers::FailureReport::Reason::kNamespaceTerminating;
  }
  co_await client_.End(&call);
  run->last.throttle = call.throttle;
  run->last.store = call.store;
  --run->open;
  write_ended_.NotifyAll();
}

Result<std::uint64_t> PlanRunner::Effect(Sync& sync, Write& write) {
  const auto apply = [&](auto& change) -> Result<std::uint64_t> {
    using Change = std::decay_t<decltype(change)>;
    if constexpr (std::is_same_v<Change, controllers::Creation>) return Create(write, change);
    if constexpr (std::is_same_v<Change, controllers::Edit>) return Edit(sync, write, change);
    if constexpr (std::is_same_v<Change, controllers::Update>) return Update(sync, write, change);
    if constexpr (std::is_same_v<Change, controllers::Deletion>) return Delete(sync, write, change);
  };
  try {
    return std::visit(apply, write.change);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInternal, error.what());
  }
}

Result<std::uint64_t> PlanRunner::Create(Write& write, const controllers::Creation& creation) {
  const std::string space = write.id.name;  // "namespace/"
  const bool generates = space.ends_with('/');
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    if (generates) write.id.name = space + creation.generate_name + random_.NameSuffix();
    const std::string name = controllers::NamePart(write.id.name);
    const auto written = store_.resources().Put(write.id, creation.render(name, random_.Uuid()),
                                                Condition::NotExists());
    if (written.has_value()) return written.value().version;
    if (written.error().code != ErrorCode::kAlreadyExists || !generates) return written.error();
  }
  return MakeError(ErrorCode::kAlreadyExists, "no free name begins with " + creation.generate_name);
}

Result<std::uint64_t> PlanRunner::Update(Sync& sync, Write& write, controllers::Update& update) {
  const bool is_owner = write.id == sync.owner;
  const std::uint64_t version = update.version != 0 || !is_owner ? update.version : sync.version;
  const auto written =
      store_.resources().Put(write.id, std::move(update.document), Condition::VersionIs(version));
  if (written.has_error()) {
    if (written.error().code != ErrorCode::kNotFound) return written.error();
    return MakeError(ErrorCode::kConflict, written.error().message);
  }
  if (is_owner) sync.version = written.value().version;
  return written.value().version;
}

Result<std::uint64_t> PlanRunner::Edit(Sync& sync, Write& write, const controllers::Edit& edit) {
  const Result<ItemPtr> current = store_.resources().Get(write.id);
  if (current.has_error()) return NothingIfGone(current.error());
  const Item& item = *current.value();
  std::optional<std::string> document = edit.apply(item.document);
  if (!document) return std::uint64_t{0};
  if (EditRemoves(write.id, item, *document)) document.reset();
  return Replace(sync, write, item, std::move(document));
}

Result<std::uint64_t> PlanRunner::Delete(Sync& sync, Write& write,
                                         const controllers::Deletion& deletion) {
  const Result<ItemPtr> current = store_.resources().Get(write.id);
  if (current.has_error()) return NothingIfGone(current.error());
  const Item& item = *current.value();
  if (!Concerns(deletion, item, sync.event_target.uid)) return std::uint64_t{0};
  return Replace(sync, write, item,
                 DeletionLeaves(write.id, item, deletion, event_loop_.UnixNanos()));
}

Result<std::uint64_t> PlanRunner::Replace(Sync& sync, const Write& write, const Item& item,
                                          std::optional<std::string> document) {
  ResourceTable& resources = store_.resources();
  const Condition unchanged = Condition::VersionIs(item.version);
  KLESS_TRY(const auto written, document ? resources.Put(write.id, std::move(*document), unchanged)
                                         : resources.Remove(write.id, unchanged));
  if (write.id == sync.owner) sync.version = written.version;
  return written.version;
}

}  // namespace kless::control_planes
