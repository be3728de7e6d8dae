#include "emulator/control_planes/view_reconciler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"

namespace kless::control_planes {

using controllers::ViewStep;

namespace {

constexpr int kFeedRecords = 1000;
// The remaining time of an invocation at which it stops and hands over to the next one.
constexpr Duration kReserve = std::chrono::seconds(5);
// The maximum number of steps per invocation: one that continued for as long as pods arrive would
// leave its mapping further and further behind the feed.  Its own writes wake the next one.
constexpr int kStepsMax = 300;
constexpr int kTakeAttempts = 20;

}  // namespace

Task<Result<void>> ViewReconciler::Run() {
  Result<void> done = co_await CatchUp();
  if (done.has_error()) co_return done;
  bool more = false;
  const Duration reserve =
      std::min(kReserve, (run_.context->deadline - run_.context->event_loop.Now()) / 2);
  for (int steps = 0;;) {
    if (steps == kStepsMax || run_.context->event_loop.Now() + reserve > run_.context->deadline) {
      more = memory_.view->HasActive(Now());
      break;
    }
    std::optional<ViewStep> step = memory_.view->Next(Now());
    if (!step) {
      // Catch up here: the invocation that would report new records may be refused while this one
      // runs.
      done = co_await CatchUp();
      if (done.has_error()) co_return done;
      if (!memory_.view->HasActive(Now())) break;
      continue;
    }
    ++steps;
    if (step->claim.empty()) {
      done = co_await Execute(std::move(*step));
    } else {
      done = co_await Take(std::move(*step));
    }
    if (done.has_error()) co_return done;
  }
  const Result<void> armed = co_await ArmTimer(more);
  co_return armed;
}

void ViewReconciler::Observe(const ResourceId& id, const ItemPtr& old_image,
                             const ItemPtr& new_image) {
  if (id.type == kClaimType) {
    std::uint64_t& version = memory_.claims[id.name];
    if (new_image) version = std::max(version, new_image->version);
    return;
  }
  memory_.view->Observe(id, old_image, new_image, Now());
}

Task<Result<void>> ViewReconciler::CatchUp() {
  if (!memory_.listed) {
    const Result<void> listed = co_await List();
    if (listed.has_error()) co_return listed;
  }
  for (;;) {
    const auto read = co_await run_.context->store.ReadFeed(memory_.position, kFeedRecords);
    if (read.has_error()) {
      // The records after the position have been trimmed, so the view cannot be brought forward,
      // only rebuilt.
      if (read.error().code != ErrorCode::kGone) co_return read.error();
      const Result<void> listed = co_await List();
      if (listed.has_error()) co_return listed;
      continue;
    }
    for (const RecordPtr& record : read.value()) {
      memory_.position = record->sequence;
      if (record->table != run_.resources.table().description().id) continue;
      Observe(run_.resources.IdOf(record->key), record->old_image, record->new_image);
    }
    if (read.value().size() < static_cast<std::size_t>(kFeedRecords)) co_return Result<void>();
  }
}

Task<Result<void>> ViewReconciler::List() {
  // The flag is set again at the end only.  If a read below fails, the next invocation does not go
  // by a view that lacks some of its objects.
  memory_.listed = false;
  memory_.view = run_.loop.view();
  memory_.claims.clear();
  // The position comes before the lists.  What changes while they are read arrives again through
  // the feed, which does no harm, while a change before a later position would be lost.
  KLESS_CO_TRY(const auto position, co_await run_.context->store.FeedPosition());
  memory_.position = position;
  // Claims are listed before the pods: a view that knows a claim must know the pod of that binding,
  // or it would give the place away again under a condition that holds.
  KLESS_CO_TRY(auto claims, co_await run_.context->store.List(kClaimType, ""));
  for (const auto& [id, item] : claims) memory_.claims[id.name] = item->version;
  for (const std::string& type : run_.loop.types) {
    KLESS_CO_TRY(auto items, co_await run_.context->store.List(type, ""));
    for (const auto& [id, item] : items) memory_.view->Observe(id, nullptr, item, Now());
  }
  memory_.listed = true;
  co_return Result<void>();
}

Task<Result<void>> ViewReconciler::Take(ViewStep step) {
  // The view may be behind the table, so the decision is applied to the current object, or undone
  // if that is gone or replaced.
  const Result<ItemPtr> current = co_await run_.context->store.Get(step.id);
  if (current.has_error() && current.error().code != ErrorCode::kNotFound) {
    memory_.view->Undo(step, Now());
    co_return current.error();
  }
  std::optional<std::string> document;
  if (current.has_value() && current.value()->fields &&
      current.value()->fields->uid == step.target.uid) {
    document = step.take(current.value()->document, Now());
  }
  if (!document) {
    memory_.view->Undo(step, Now());
    co_return Result<void>();
  }
  // The condition is the version that the view has seen and not the current one: a binding that the
  // view does not know has changed the claim, and must make this one fail.
  const std::uint64_t claim = memory_.claims[step.claim];
  std::vector<StoreClient::Action> actions(2);
  actions[0].id = step.id;
  actions[0].document = std::move(*document);
  actions[0].condition = Condition::VersionIs(current.value()->version);
  actions[1].id = {kClaimType, step.claim};
  actions[1].document = R"({"pod":)";
  AppendJsonString(actions[1].document, step.target.uid);
  actions[1].document += '}';
  actions[1].condition = claim == 0 ? Condition::NotExists() : Condition::VersionIs(claim);
  const auto written = co_await run_.context->store.Transact(std::move(actions));
  if (written.has_error()) {
    memory_.view->Undo(step, Now());
    if (!IsOvertaken(written.error())) co_return written.error();
    const Result<void> read = co_await AwaitClaim(step.claim);
    co_return read;
  }
  // The record of this claim arrives with the next read of the feed; until then a further binding
  // to the node needs its version.
  memory_.claims[step.claim] = written.value()[1].version;
  const Result<void> said = co_await Execute(std::move(step));
  co_return said;
}

Task<Result<void>> ViewReconciler::AwaitClaim(std::string name) {
  const ResourceId claim_id{kClaimType, name};
  const Result<ItemPtr> claim = co_await run_.context->store.Get(claim_id);
  if (claim.has_error() && claim.error().code != ErrorCode::kNotFound) co_return claim.error();
  for (int attempt = 0; attempt < kTakeAttempts; ++attempt) {
    const Result<void> read = co_await CatchUp();
    if (read.has_error()) co_return read;
    if (claim.has_error() || memory_.claims[name] >= claim.value()->version) break;
  }
  co_return Result<void>();
}

Task<Result<void>> ViewReconciler::Execute(ViewStep step) {
  Owner owner;
  owner.id = step.id;
  owner.event_target = step.target;
  owner.namespace_name = step.target.namespace_name;
  owner.version = step.target.resource_version;
  owner.promises = false;
  PlanExecutor executor(*run_.context, run_.recorder);
  const Result<Outcome> done = co_await executor.Execute(owner, std::move(step.plan));
  if (done.has_error()) co_return done.error();
  co_return Result<void>();
}

Task<Result<void>> ViewReconciler::ArmTimer(bool more) {
  for (int attempt = 0; attempt < kTakeAttempts; ++attempt) {
    const Result<Outcome> armed = co_await TryToArm(more);
    if (armed.has_error()) co_return armed.error();
    if (armed.value() == Outcome::kDone) break;
  }
  co_return Result<void>();
}

Task<Result<Outcome>> ViewReconciler::TryToArm(bool more) {
  std::optional<std::int64_t> at = memory_.view->NextWake();
  if (more) at = Now();
  if (!at) co_return Outcome::kDone;
  const Result<TimerItem> current =
      co_await ReadTimer(&run_.context->store, run_.loop.name, controllers::kViewKey);
  if (current.has_error()) co_return current.error();
  TimerItem timer = current.value();
  // An environment that knows less must not remove an earlier time.
  const bool pending = timer.unix_nanos > Now();
  if (pending && timer.unix_nanos <= *at) co_return Outcome::kDone;
  // An equal document would make no record, and without a record the timer service does not set the
  // timer again.
  if (timer.unix_nanos == *at) ++*at;
  timer.unix_nanos = *at;
  const Condition condition =
      timer.version == 0 ? Condition::NotExists() : Condition::VersionIs(timer.version);
  const auto written = co_await run_.context->store.Put(TimerId(timer.function, timer.key),
                                                        timer.ToDocument(), condition);
  if (written.has_value()) co_return Outcome::kDone;
  if (!IsOvertaken(written.error())) co_return written.error();
  co_return Outcome::kOvertaken;
}

}  // namespace kless::control_planes
