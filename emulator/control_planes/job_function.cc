#include "emulator/control_planes/job_function.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "emulator/base/json.h"
#include "emulator/control_planes/object_writes.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/loop/resource_name.h"

namespace kless::control_planes {

using controllers::Dependent;
using controllers::Plan;

namespace {

constexpr const char* kJobType = "job";
constexpr const char* kPodType = "pod";
// Each lost race means that another environment made progress, so few are ever needed.
constexpr int kReconcileAttempts = 100;
// The delay, in emulated time, before reading an index again that does not show a record yet.
constexpr Duration kIndexRetry = std::chrono::milliseconds(10);
constexpr int kIndexAttempts = 1000;

// Kept in the memory of the environment.
struct JobFunctionMemory {
  controllers::EventRecorder recorder{kJobFunctionName};
};

// The records of a batch that concern one Job name.
struct Concern {
  bool reconcile = false;
  // The newest record: an older index must not be trusted.
  std::uint64_t newest = 0;
  // Owners that may be gone: their uid and, if the batch has it, their last image.
  std::map<std::string, ItemPtr> perhaps_gone;
};
using ConcernedJobs = std::map<std::string, Concern>;  // by resource name of the Job

// Whether it has the form "namespace/name".
bool IsNamespacedName(const std::string& name) {
  const auto slash = name.find('/');
  return slash != std::string::npos && slash != 0 && slash + 1 != name.size() &&
         name.find('/', slash + 1) == std::string::npos;
}

bool IsFinished(PodPhase phase) {
  return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed;
}

// A new pod changes nothing for its Job: the environment that created it continues in the same
// invocation, and its own record is delivered again if that invocation dies.
bool IsFreshPod(const ChangeRecord& record) {
  if (record.type != ChangeType::kInsert || !record.new_image->fields) return false;
  const ResourceFields& fields = *record.new_image->fields;
  return !IsFinished(fields.phase) && !fields.deleting;
}

ConcernedJobs Sort(const ResourceTable& resources, const FunctionEvent& event) {
  ConcernedJobs concerns;
  const std::string due = TimerKeyOf(event.payload);
  if (IsNamespacedName(due)) concerns[due].reconcile = true;
  for (const RecordPtr& record : event.records) {
    const ResourceId id = resources.IdOf(record->key);
    if (id.type == kJobType) {
      // A raw writer may have used a key that cannot be a Job's name.
      if (!IsNamespacedName(id.name)) continue;
      Concern& concern = concerns[id.name];
      concern.newest = std::max(concern.newest, record->sequence);
      concern.reconcile = true;
      // The Job was removed, or overwritten by a Job with another uid.
      if (record->old_image && record->old_image->fields) {
        const std::string& uid = record->old_image->fields->uid;
        if (!uid.empty()) concern.perhaps_gone[uid] = record->old_image;
      }
    } else if (id.type == kPodType) {
      for (const ItemPtr& image : {record->old_image, record->new_image}) {
        if (!image || !image->fields || image->fields->owner_kind != "Job") continue;
        const ResourceFields& fields = *image->fields;
        const std::string job_name = controllers::NamespacePart(id.name) + "/" + fields.owner_name;
        if (!IsNamespacedName(job_name)) continue;
        Concern& concern = concerns[job_name];
        concern.newest = std::max(concern.newest, record->sequence);
        concern.perhaps_gone.emplace(fields.owner_uid, nullptr);
        if (!IsFreshPod(*record)) concern.reconcile = true;
      }
    }
  }
  return concerns;
}

class JobReconciler {
 public:
  JobReconciler(const ResourceTable& resources, const LatencyProfile& profile,
                std::shared_ptr<InvocationContext> context, JobFunctionMemory& memory)
      : resources_(resources), profile_(profile), context_(std::move(context)), memory_(memory) {}

  Task<Result<void>> Handle(std::string job_name, Concern concern) {
    context_->store.BeginReconcile();
    for (int attempt = 0; attempt < kReconcileAttempts; ++attempt) {
      const Result<bool> settled = co_await Once(job_name, concern);
      if (settled.has_error()) co_return settled.error();
      if (settled.value()) co_return Result<void>();
    }
    co_return MakeError(ErrorCode::kConflict,
                        "job " + job_name + " changed under every attempt to reconcile it");
  }

 private:
  // Returns true if nothing is left to do, false if the Job must be observed again.
  Task<Result<bool>> Once(std::string job_name, Concern concern) {
    const ResourceId id{kJobType, job_name};
    const Result<ItemPtr> job = co_await context_->store.Get(id);
    if (job.has_error() && job.error().code != ErrorCode::kNotFound) co_return job.error();
    const std::string uid = job.has_value() ? controllers::JobUid(*job.value()) : std::string();
    for (const auto& [gone_uid, image] : concern.perhaps_gone) {
      if (gone_uid == uid) continue;
      const ItemPtr last = image ? image : JobTombstone(resources_, id, gone_uid);
      const Result<Outcome> cleaned = co_await CleanUp(id, last, gone_uid, concern.newest);
      if (cleaned.has_error()) co_return cleaned.error();
      if (cleaned.value() == Outcome::kOvertaken) co_return false;
    }
    if (job.has_error() || !concern.reconcile) co_return true;
    const Result<bool> reconciled = co_await Reconcile(id, job.value(), uid, concern.newest);
    co_return reconciled;
  }

  Owner MakeOwner(const ResourceId& id, const Item& job, const std::string& uid) const {
    Owner owner;
    owner.id = id;
    owner.namespace_name = controllers::NamespacePart(id.name);
    owner.version = job.version;
    owner.event_target = {"batch/v1",
                          "Job",
                          owner.namespace_name,
                          id.name.substr(owner.namespace_name.size() + 1),
                          uid,
                          job.version};
    owner.intent.owner_uid = uid;
    return owner;
  }

  Task<Result<void>> ReadIntent(Owner& owner) {
    const Result<ItemPtr> item =
        co_await context_->store.Get(IntentId(owner.namespace_name, owner.event_target.uid));
    if (item.has_error()) {
      if (item.error().code == ErrorCode::kNotFound) co_return Result<void>();
      co_return item.error();
    }
    owner.intent = Intent::FromItem(*item.value(), owner.namespace_name);
    co_return Result<void>();
  }

  // Observes the Job's pods: the index for the facts it has, the intent for the pods that must
  // exist, and a strong read wherever the two differ.  A lagging index read that does not show the
  // records of this batch is repeated (on AWS a function compares the versions of their images).
  Task<Result<std::vector<Dependent>>> ObservePods(Owner& owner, std::uint64_t newest) {
    std::vector<OwnedResource> rows;
    for (int attempt = 0;; ++attempt) {
      std::uint64_t as_of = 0;
      KLESS_CO_TRY(auto read,
                   co_await context_->store.OwnedBy(kPodType, owner.event_target.uid, &as_of));
      if (as_of >= newest) {
        rows = std::move(read);
        break;
      }
      if (attempt >= kIndexAttempts) {
        co_return MakeError(ErrorCode::kUnavailable, "the owner index does not catch up");
      }
      co_await context_->event_loop.SleepFor(kIndexRetry);
    }
    const Intent& intent = owner.intent;
    std::vector<Dependent> pods;
    std::vector<std::string> unknown;
    pods.reserve(std::max(rows.size(), intent.names.size()));
    auto name = intent.names.begin();
    for (OwnedResource& row : rows) {
      while (name != intent.names.end() && *name < row.name) unknown.push_back(*name++);
      const bool meant = name != intent.names.end() && *name == row.name;
      if (meant) ++name;
      const bool settled = !row.tracked && !row.deleting && IsFinished(row.phase);
      if (meant || settled) {
        pods.push_back({std::move(row), true, nullptr});
      } else {
        unknown.push_back(row.name);
      }
    }
    unknown.insert(unknown.end(), name, intent.names.end());
    for (const std::string& pod_name : unknown) {
      const ResourceId pod_id{kPodType, pod_name};
      const Result<ItemPtr> pod = co_await context_->store.Get(pod_id);
      if (pod.has_error()) {
        if (pod.error().code != ErrorCode::kNotFound) co_return pod.error();
        if (!intent.Contains(pod_name)) continue;
        Dependent promised;
        promised.resource.name = pod_name;
        promised.resource.completion_index = IndexOfName(pod_name);
        promised.created = false;
        pods.push_back(std::move(promised));
        continue;
      }
      const Item& item = *pod.value();
      if (!item.fields || item.fields->owner_uid != owner.event_target.uid) continue;
      pods.push_back({MakeOwnedResource(pod_name, item), true, nullptr});
    }
    if (!unknown.empty()) {
      std::sort(pods.begin(), pods.end(), [](const Dependent& a, const Dependent& b) {
        return a.resource.name < b.resource.name;
      });
    }
    co_return pods;
  }

  // Reads the pods that the controller must see whole.
  Task<Result<std::vector<Dependent>>> ReadWhole(ItemPtr job, std::vector<Dependent> pods) {
    const std::vector<std::string> names = controllers::PodsToRead(*job, pods);
    auto pod = pods.begin();
    for (const std::string& name : names) {
      while (pod->resource.name != name) ++pod;
      const ResourceId pod_id{kPodType, name};
      const Result<ItemPtr> item = co_await context_->store.Get(pod_id);
      if (item.has_error()) {
        if (item.error().code != ErrorCode::kNotFound) co_return item.error();
        pod = pods.erase(pod);  // another environment counted it, and changed the Job
        continue;
      }
      pod->resource = MakeOwnedResource(name, *item.value());
      pod->item = item.value();
    }
    co_return pods;
  }

  // Reads the pods of a namespace that have no controller.
  Task<Result<std::vector<Dependent>>> ReadOrphans(std::string namespace_name) {
    KLESS_CO_TRY(const auto listed, co_await context_->store.List(kPodType, namespace_name + "/"));
    std::vector<Dependent> orphans;
    for (const auto& [id, item] : listed) {
      if (!item->fields || !item->fields->owner_uid.empty()) continue;
      orphans.push_back({MakeOwnedResource(id.name, *item), true, item});
    }
    co_return orphans;
  }

  // Parses "<job>-<index>-<suffix>" for an Indexed Job; -1 if the name has no index.
  static int IndexOfName(const std::string& pod_name) {
    const auto suffix = pod_name.rfind('-');
    if (suffix == std::string::npos || suffix == 0) return -1;
    const auto dash = pod_name.rfind('-', suffix - 1);
    if (dash == std::string::npos) return -1;
    int index = 0;
    if (suffix - dash - 1 == 0 || suffix - dash - 1 > 6) return -1;
    for (std::size_t i = dash + 1; i < suffix; ++i) {
      if (pod_name[i] < '0' || pod_name[i] > '9') return -1;
      index = index * 10 + (pod_name[i] - '0');
    }
    return index;
  }

  Task<Result<bool>> Reconcile(ResourceId id, ItemPtr job, std::string uid, std::uint64_t newest) {
    const Result<void> computed =
        co_await context_->store.Compute(profile_.reconcile_cpu.Sample(context_->random));
    if (computed.has_error()) co_return computed.error();
    Owner owner = MakeOwner(id, *job, uid);
    controllers::JobObservation observed;
    TimerItem timer;
    observed.job = job;
    observed.random = &context_->random;
    if (!uid.empty()) {
      const Result<void> read = co_await ReadIntent(owner);
      if (read.has_error()) co_return read.error();
      const Result<TimerItem> remembered = co_await ReadOwnTimer(owner);
      if (remembered.has_error()) co_return remembered.error();
      timer = remembered.value();
      observed.memo = timer.memo;
      KLESS_CO_TRY(auto pods, co_await ObservePods(owner, newest));
      KLESS_CO_TRY(auto whole, co_await ReadWhole(job, std::move(pods)));
      observed.pods = std::move(whole);
      if (controllers::MayAdopt(*job)) {
        KLESS_CO_TRY(auto orphans, co_await ReadOrphans(owner.namespace_name));
        observed.orphans = std::move(orphans);
      }
    }
    observed.unix_nanos = context_->event_loop.UnixNanos();
    Plan plan;
    const bool orphaning = controllers::IsBeingOrphaned(*job);
    if (orphaning) {
      const Result<Outcome> closed = co_await Close(owner);
      if (closed.has_error()) co_return closed.error();
      if (closed.value() == Outcome::kOvertaken) co_return false;
      plan = controllers::ReconcileOrphanedJob(*job, Existing(observed.pods));
    } else {
      plan = controllers::ReconcileJob(observed);
    }
    const bool again = plan.requeue_after == Duration::zero();
    const auto next_timer = NextTimer(timer, plan, observed.unix_nanos);
    PlanExecutor executor(*context_, memory_.recorder);
    const Result<Outcome> done = co_await executor.Execute(owner, std::move(plan));
    if (done.has_error()) co_return done.error();
    if (next_timer && done.value() == Outcome::kDone) {
      const Result<Outcome> set = co_await SetTimer(owner, *next_timer);
      if (set.has_error()) co_return set.error();
      if (set.value() == Outcome::kOvertaken) co_return false;
    }
    if (orphaning && done.value() == Outcome::kDone) {
      const Result<Outcome> forgotten = co_await RemoveTimer(owner);
      if (forgotten.has_error()) co_return forgotten.error();
      if (forgotten.value() == Outcome::kOvertaken) co_return false;
      const Result<void> removed = co_await RemoveIntent(owner);
      if (removed.has_error()) co_return removed.error();
    }
    co_return done.value() == Outcome::kDone && !again;
  }

  // The intent says whether there is a timer, so that a Job without one costs no read.
  Task<Result<TimerItem>> ReadOwnTimer(const Owner& owner) {
    TimerItem timer;
    if (owner.intent.timer) {
      const Result<TimerItem> read =
          co_await ReadTimer(&context_->store, kJobFunctionName, owner.id.name);
      if (read.has_error()) co_return read.error();
      timer = read.value();
    }
    timer.function = kJobFunctionName;
    timer.key = owner.id.name;
    if (timer.uid != owner.event_target.uid) {  // it belongs to an earlier Job of this name
      timer.uid = owner.event_target.uid;
      timer.memo.clear();
      timer.unix_nanos = 0;
    }
    co_return timer;
  }

  // Writes the timer item and, for the first one, its mark in the intent, in one transaction.
  Task<Result<Outcome>> SetTimer(Owner& owner, TimerItem timer) {
    if (!owner.intent.timer) {
      // It was left by an earlier Job of this name.
      const Result<TimerItem> old =
          co_await ReadTimer(&context_->store, kJobFunctionName, owner.id.name);
      if (old.has_error()) co_return old.error();
      timer.version = old.value().version;
    }
    if (timer.version == 0 && timer.unix_nanos == 0 && timer.memo.empty()) co_return Outcome::kDone;
    std::vector<StoreClient::Action> actions;
    actions.push_back(TimerWrite(timer));
    // Requires that the Job is unchanged, so that nothing is left behind if it has gone.
    StoreClient::Action check;
    check.kind = TransactItem::Kind::kCheck;
    check.id = owner.id;
    check.condition = Condition::VersionIs(owner.version);
    actions.push_back(std::move(check));
    Intent intent = owner.intent;
    intent.owner_uid = owner.event_target.uid;
    intent.timer = true;
    if (!owner.intent.timer) actions.push_back(PutIntent(owner, intent));
    const auto written = co_await context_->store.Transact(std::move(actions));
    if (written.has_error()) {
      if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    if (!owner.intent.timer) {
      intent.version = written.value().back().version;
      owner.intent = std::move(intent);
    }
    co_return Outcome::kDone;
  }

  static std::vector<Dependent> Existing(std::vector<Dependent> pods) {
    std::erase_if(pods, [](const Dependent& pod) { return !pod.created; });
    return pods;
  }

  // From here on no environment keeps a promise of this owner any more.
  Task<Result<Outcome>> Close(Owner& owner) {
    if (owner.intent.version == 0 || owner.intent.closed) co_return Outcome::kDone;
    owner.intent.closed = true;
    const auto written = co_await context_->store.Put(
        IntentId(owner.namespace_name, owner.event_target.uid), owner.intent.ToDocument(),
        Condition::VersionIs(owner.intent.version));
    if (written.has_error()) {
      if (written.error().code == ErrorCode::kConflict) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    owner.intent.version = written.value().version;
    co_return Outcome::kDone;
  }

  Task<Result<void>> RemoveIntent(Owner& owner) {
    if (owner.intent.version == 0) co_return Result<void>();
    KLESS_CO_TRY_VOID(co_await context_->store.Remove(
        IntentId(owner.namespace_name, owner.event_target.uid), Condition::None()));
    co_return Result<void>();
  }

  // Removes the Job's timer item, unless another Job of its name has taken it over.
  Task<Result<Outcome>> RemoveTimer(Owner& owner) {
    if (!owner.intent.timer) co_return Outcome::kDone;
    const Result<TimerItem> timer =
        co_await ReadTimer(&context_->store, kJobFunctionName, owner.id.name);
    if (timer.has_error()) co_return timer.error();
    const TimerItem& item = timer.value();
    if (item.version == 0 || item.uid != owner.event_target.uid) co_return Outcome::kDone;
    const auto removed = co_await context_->store.Remove(TimerId(kJobFunctionName, owner.id.name),
                                                         Condition::VersionIs(item.version));
    if (removed.has_value()) co_return Outcome::kDone;
    if (IsOvertaken(removed.error())) co_return Outcome::kOvertaken;
    co_return removed.error();
  }

  // The Job with this uid is gone: its pods must be deleted.
  Task<Result<Outcome>> CleanUp(ResourceId id, ItemPtr last, std::string uid,
                                std::uint64_t newest) {
    Owner owner = MakeOwner(id, *last, uid);
    const Result<void> read = co_await ReadIntent(owner);
    if (read.has_error()) co_return read.error();
    const Result<Outcome> closed = co_await Close(owner);
    if (closed.has_error()) co_return closed.error();
    if (closed.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
    // Deletes every pod that still names this owner, finished or not.
    std::uint64_t as_of = 0;
    std::vector<Dependent> pods;
    for (int attempt = 0;; ++attempt) {
      KLESS_CO_TRY(auto rows, co_await context_->store.OwnedBy(kPodType, uid, &as_of));
      if (as_of >= newest || attempt >= kIndexAttempts) {
        for (OwnedResource& row : rows) pods.push_back({std::move(row), true, nullptr});
        break;
      }
      co_await context_->event_loop.SleepFor(kIndexRetry);
    }
    KLESS_CO_TRY(auto meant, co_await ObservePods(owner, 0));
    for (Dependent& pod : meant) {
      const bool known = std::any_of(pods.begin(), pods.end(), [&](const Dependent& other) {
        return other.resource.name == pod.resource.name;
      });
      if (!known && pod.created) pods.push_back(std::move(pod));
    }
    PlanExecutor executor(*context_, memory_.recorder);
    Plan plan = controllers::ReconcileDeletedJob(*last, pods);
    const Result<Outcome> done = co_await executor.Execute(owner, std::move(plan));
    if (done.has_error()) co_return done.error();
    if (done.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
    const Result<Outcome> forgotten = co_await RemoveTimer(owner);
    if (forgotten.has_error()) co_return forgotten.error();
    if (forgotten.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
    const Result<void> removed = co_await RemoveIntent(owner);
    if (removed.has_error()) co_return removed.error();
    co_return Outcome::kDone;
  }

  const ResourceTable& resources_;
  const LatencyProfile& profile_;
  std::shared_ptr<InvocationContext> context_;
  JobFunctionMemory& memory_;
};

Task<Result<std::string>> RunJobFunction(const ResourceTable* resources,
                                         const LatencyProfile* profile,
                                         std::shared_ptr<const FunctionEvent> event,
                                         std::shared_ptr<InvocationContext> context) {
  if (!context->memory.has_value()) {
    context->memory = std::make_shared<JobFunctionMemory>();
  }
  const auto memory = std::any_cast<std::shared_ptr<JobFunctionMemory>>(context->memory);
  JobReconciler reconciler(*resources, *profile, context, *memory);
  const ConcernedJobs concerns = Sort(*resources, *event);
  // A failing Job does not hold up others: the batch is delivered again, and the others then have
  // nothing to do.
  Result<void> first_failure;
  for (const auto& [name, concern] : concerns) {
    Result<void> handled;
    try {
      handled = co_await reconciler.Handle(name, concern);
    } catch (const boost::system::system_error&) {
      throw;  // cancellation
    } catch (const std::exception& error) {
      handled = MakeError(ErrorCode::kInternal, "job " + name + ": " + error.what());
    }
    if (handled.has_value()) continue;
    if (first_failure.has_value()) first_failure = handled;
    if (handled.error().code == ErrorCode::kCancelled) break;
  }
  if (first_failure.has_error()) co_return first_failure.error();
  co_return std::string("null");
}

}  // namespace

bool ConcernsJobs(const ResourceTable& resources, const ChangeRecord& record) {
  const ResourceId id = resources.IdOf(record.key);
  return id.type == kJobType || id.type == kPodType;
}

Handler MakeJobFunction(const ResourceTable& resources, const LatencyProfile& profile) {
  return [&resources, &profile](std::shared_ptr<const FunctionEvent> event,
                                std::shared_ptr<InvocationContext> context) {
    return RunJobFunction(&resources, &profile, std::move(event), std::move(context));
  };
}

}  // namespace kless::control_planes
