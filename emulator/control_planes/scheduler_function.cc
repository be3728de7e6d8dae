#include "emulator/control_planes/scheduler_function.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <map>

#include "emulator/base/json.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"
#include "functions/controllers/scheduler/decision_plan.h"
#include "functions/controllers/scheduler/documents.h"
#include "functions/controllers/scheduler/scheduler_core.h"

namespace kless::control_planes {

using controllers::scheduler::Decision;
using controllers::scheduler::SchedulerCore;

namespace {

constexpr const char* kPodResource = "pod";
constexpr const char* kTimerKey = "queue";
constexpr int kFeedRecords = 1000;
// The remaining time of an invocation at which it stops scheduling and hands over to the next one.
constexpr Duration kReserve = std::chrono::seconds(5);
// The maximum number of decisions per invocation: one that continued for as long as pods arrive
// would leave its mapping further and further behind the feed.  Its own writes wake the next one.
constexpr int kDecisionsMax = 300;
constexpr int kBindAttempts = 20;

// The view of the cluster, which is lost with the environment.
struct SchedulerMemory {
  std::unique_ptr<SchedulerCore> core = std::make_unique<SchedulerCore>();
  controllers::EventRecorder recorder{controllers::scheduler::kSchedulerComponent};
  bool listed = false;
  std::uint64_t position = 0;                   // the feed has been read up to here
  std::map<std::string, std::uint64_t> claims;  // versions, by node; 0 or absent: none
};

bool IsTerminal(PodPhase phase) {
  return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed;
}

class SchedulerInvocation {
 public:
  SchedulerInvocation(const ResourceTable& resources, std::shared_ptr<InvocationContext> context,
                      SchedulerMemory& memory)
      : resources_(resources), context_(std::move(context)), memory_(memory) {}

  Task<Result<void>> Run() {
    Result<void> done = co_await CatchUp();
    if (done.has_error()) co_return done;
    bool more = false;
    const Duration reserve =
        std::min(kReserve, (context_->deadline - context_->event_loop.Now()) / 2);
    for (int decisions = 0;;) {
      if (decisions == kDecisionsMax || context_->event_loop.Now() + reserve > context_->deadline) {
        more = memory_.core->HasActive(Now());
        break;
      }
      const auto decision = memory_.core->Next(Now());
      if (!decision) {
        // Catch up here: the invocation that would report new records may be refused while this one
        // runs.
        done = co_await CatchUp();
        if (done.has_error()) co_return done;
        if (!memory_.core->HasActive(Now())) break;
        continue;
      }
      ++decisions;
      if (decision->kind == Decision::Kind::kBind) {
        done = co_await Bind(*decision);
      } else {
        done = co_await Fail(*decision);
      }
      if (done.has_error()) co_return done;
    }
    const Result<void> armed = co_await ArmTimer(more);
    co_return armed;
  }

 private:
  std::int64_t Now() const { return context_->event_loop.UnixNanos(); }

  void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
    if (id.type == kClaimType) {
      std::uint64_t& version = memory_.claims[id.name];
      if (new_image) version = std::max(version, new_image->version);
      return;
    }
    memory_.core->Observe(id, old_image, new_image, Now());
  }

  // Lists everything that it watches, or reads the feed since the last time.
  Task<Result<void>> CatchUp() {
    if (!memory_.listed) {
      const Result<void> listed = co_await List();
      if (listed.has_error()) co_return listed;
    }
    for (;;) {
      const auto read = co_await context_->store.ReadFeed(memory_.position, kFeedRecords);
      if (read.has_error()) {
        if (read.error().code != ErrorCode::kGone) co_return read.error();
        const Result<void> listed = co_await List();
        if (listed.has_error()) co_return listed;
        continue;
      }
      for (const RecordPtr& record : read.value()) {
        memory_.position = record->sequence;
        if (record->table != resources_.table().description().id) continue;
        Observe(resources_.IdOf(record->key), record->old_image, record->new_image);
      }
      if (read.value().size() < static_cast<std::size_t>(kFeedRecords)) co_return Result<void>();
    }
  }

  // Rebuilds the view.
  Task<Result<void>> List() {
    memory_.listed = false;
    memory_.core = std::make_unique<SchedulerCore>();
    memory_.claims.clear();
    KLESS_CO_TRY(const auto position, co_await context_->store.FeedPosition());
    memory_.position = position;
    KLESS_CO_TRY(auto claims, co_await context_->store.List(kClaimType, ""));
    for (const auto& [id, item] : claims) memory_.claims[id.name] = item->version;
    for (const std::string& type : SchedulerTypes()) {
      KLESS_CO_TRY(auto items, co_await context_->store.List(type, ""));
      for (const auto& [id, item] : items) {
        memory_.core->Observe(id, nullptr, item, Now());
      }
    }
    memory_.listed = true;
    co_return Result<void>();
  }

  Owner PodOwner(const Decision& decision) const {
    Owner owner;
    owner.id = decision.pod;
    owner.event_target =
        controllers::scheduler::PodTarget(decision.pod, decision.uid, decision.version);
    owner.namespace_name = owner.event_target.namespace_name;
    owner.version = decision.version;
    owner.promises = false;
    return owner;
  }

  Task<Result<void>> Bind(Decision decision) {
    const Result<ItemPtr> pod = co_await context_->store.Get(decision.pod);
    if (pod.has_error() && pod.error().code != ErrorCode::kNotFound) {
      memory_.core->Undo(decision.pod.name, decision.uid, Now());
      co_return pod.error();
    }
    std::optional<std::string> bound;
    if (pod.has_value() && pod.value()->fields && pod.value()->fields->uid == decision.uid) {
      bound = controllers::scheduler::BindPod(pod.value()->document, decision.node,
                                              memory_.core->TopologyLabels(decision.node), Now());
    }
    if (!bound) {
      memory_.core->Undo(decision.pod.name, decision.uid, Now());
      co_return Result<void>();
    }
    const std::uint64_t claim = memory_.claims[decision.node];
    std::vector<StoreClient::Action> actions(2);
    actions[0].id = decision.pod;
    actions[0].document = std::move(*bound);
    actions[0].condition = Condition::VersionIs(pod.value()->version);
    actions[1].id = {kClaimType, decision.node};
    actions[1].document = R"({"pod":)";
    AppendJsonString(actions[1].document, decision.uid);
    actions[1].document += '}';
    actions[1].condition = claim == 0 ? Condition::NotExists() : Condition::VersionIs(claim);
    const auto written = co_await context_->store.Transact(std::move(actions));
    if (written.has_error()) {
      memory_.core->Undo(decision.pod.name, decision.uid, Now());
      if (!IsOvertaken(written.error())) co_return written.error();
      const Result<void> read = co_await AwaitClaim(decision.node);
      co_return read;
    }
    memory_.claims[decision.node] = written.value()[1].version;
    controllers::Plan plan;
    plan.events.push_back(controllers::scheduler::BindingNote(decision));
    const Result<void> said = co_await Execute(decision, std::move(plan));
    co_return said;
  }

  // Another environment has bound a pod to the node, or the pod has changed: its writes are in the
  // feed once they are committed.
  Task<Result<void>> AwaitClaim(std::string node) {
    const ResourceId claim_id{kClaimType, node};
    const Result<ItemPtr> claim = co_await context_->store.Get(claim_id);
    if (claim.has_error() && claim.error().code != ErrorCode::kNotFound) co_return claim.error();
    for (int attempt = 0; attempt < kBindAttempts; ++attempt) {
      const Result<void> read = co_await CatchUp();
      if (read.has_error()) co_return read;
      if (claim.has_error() || memory_.claims[node] >= claim.value()->version) break;
    }
    co_return Result<void>();
  }

  Task<Result<void>> Fail(Decision decision) {
    controllers::Plan plan = controllers::scheduler::FailurePlan(decision, Now());
    const Result<void> done = co_await Execute(decision, std::move(plan));
    co_return done;
  }

  Task<Result<void>> Execute(Decision decision, controllers::Plan plan) {
    Owner owner = PodOwner(decision);
    PlanExecutor executor(*context_, memory_.recorder);
    const Result<Outcome> done = co_await executor.Execute(owner, std::move(plan));
    if (done.has_error()) co_return done.error();
    co_return Result<void>();
  }

  // Sets the timer for changes that only time brings: the end of a back-off, or the flush of
  // unschedulable pods.
  Task<Result<void>> ArmTimer(bool more) {
    for (int attempt = 0; attempt < kBindAttempts; ++attempt) {
      const Result<bool> armed = co_await TryToArm(more);
      if (armed.has_error()) co_return armed.error();
      if (armed.value()) break;
    }
    co_return Result<void>();
  }

  // Returns false if another environment has written it meanwhile.
  Task<Result<bool>> TryToArm(bool more) {
    std::optional<std::int64_t> at = memory_.core->NextWake();
    if (more) at = Now();
    if (!at) co_return true;
    const Result<TimerItem> current =
        co_await ReadTimer(&context_->store, kSchedulerFunctionName, kTimerKey);
    if (current.has_error()) co_return current.error();
    TimerItem timer = current.value();
    // An environment that knows less must not remove an earlier time.
    const bool pending = timer.unix_nanos > Now();
    if (pending && timer.unix_nanos <= *at) co_return true;
    if (timer.unix_nanos == *at) ++*at;
    timer.unix_nanos = *at;
    const Condition condition =
        timer.version == 0 ? Condition::NotExists() : Condition::VersionIs(timer.version);
    const auto written = co_await context_->store.Put(TimerId(timer.function, timer.key),
                                                      timer.ToDocument(), condition);
    if (written.has_value()) co_return true;
    if (!IsOvertaken(written.error())) co_return written.error();
    co_return false;
  }

  const ResourceTable& resources_;
  std::shared_ptr<InvocationContext> context_;
  SchedulerMemory& memory_;
};

Task<Result<std::string>> RunSchedulerFunction(const ResourceTable* resources,
                                               std::shared_ptr<InvocationContext> context) {
  if (!context->memory.has_value()) context->memory = std::make_shared<SchedulerMemory>();
  const auto memory = std::any_cast<std::shared_ptr<SchedulerMemory>>(context->memory);
  SchedulerInvocation invocation(*resources, context, *memory);
  const Result<void> done = co_await invocation.Run();
  if (done.has_error()) co_return done.error();
  co_return std::string("null");
}

}  // namespace

const std::vector<std::string>& SchedulerTypes() {
  static const std::vector<std::string> kTypes = {
      "namespace",   "priorityclass",         "node",
      "service",     "poddisruptionbudget",   "replicaset",
      "statefulset", "persistentvolumeclaim", "pod"};
  return kTypes;
}

bool ConcernsScheduler(const ResourceTable& resources, const ChangeRecord& record) {
  const ResourceId id = resources.IdOf(record.key);
  if (id.type != kPodResource) {
    const std::vector<std::string>& types = SchedulerTypes();
    return std::find(types.begin(), types.end(), id.type) != types.end();
  }
  const Item* before = record.old_image.get();
  const Item* after = record.new_image.get();
  const bool placed_before = before && before->fields && !before->fields->node_name.empty();
  if (!after || !after->fields) return placed_before;  // its place is free
  if (after->fields->node_name.empty()) return true;   // it needs a node
  if (!placed_before) return true;                     // other pods may wait for its removal
  // It is bound: only its end and its labels matter.
  return (IsTerminal(after->fields->phase) && !IsTerminal(before->fields->phase)) ||
         after->fields->labels != before->fields->labels;
}

Handler MakeSchedulerFunction(const ResourceTable& resources, const LatencyProfile&) {
  return [&resources](std::shared_ptr<const FunctionEvent>,
                      std::shared_ptr<InvocationContext> context) {
    return RunSchedulerFunction(&resources, std::move(context));
  };
}

}  // namespace kless::control_planes
