#include "emulator/control_planes/classic/classic_scheduler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/log.h"
#include "functions/controllers/scheduler/decision_plan.h"

namespace kless::control_planes {

using controllers::scheduler::Decision;

namespace {

constexpr int kReadRecords = 512;
constexpr int kListPage = 500;
constexpr Duration kListRetry = std::chrono::milliseconds(800);
// reference scheduler.md, section 1: the scheduler's client, and that of its events.
constexpr double kClientQps = 50;
constexpr int kClientBurst = 100;

const std::vector<std::string>& ListedTypes() {
  static const std::vector<std::string> kTypes = {
      "namespace",   "priorityclass",         "node",
      "service",     "poddisruptionbudget",   "replicaset",
      "statefulset", "persistentvolumeclaim", "pod"};
  return kTypes;
}

// 0 in the profile means no limit for anybody.
double Qps(const ClassicProfile& profile) { return profile.client_qps == 0 ? 0 : kClientQps; }

}  // namespace

ClassicScheduler::ClassicScheduler(Scheduler& scheduler, Store& store, ApiServer& server,
                                   const ClassicProfile& profile, Telemetry* telemetry,
                                   Event& changed, std::uint64_t seed)
    : scheduler_(scheduler),
      store_(store),
      profile_(profile),
      changed_(changed),
      random_(seed, "scheduler"),
      client_(scheduler, server, Qps(profile), kClientBurst),
      event_client_(scheduler, server, Qps(profile), kClientBurst),
      events_(scheduler, store, event_client_, telemetry, changed,
              controllers::scheduler::kSchedulerComponent, seed),
      runner_(scheduler, store, client_, events_, telemetry, HashBytes("scheduler", seed)) {}

void ClassicScheduler::Start() {
  Spawn(scheduler_, "scheduler watch", Watch());
  Spawn(scheduler_, "scheduler event sink", events_.Run());
}

bool ClassicScheduler::Idle() const {
  return listed_ && position_ >= store_.feed().Latest() && Quiet() &&
         !core_->HasActive(scheduler_.UnixNanos());
}

Result<void> ClassicScheduler::List() {
  core_ = std::make_unique<controllers::scheduler::SchedulerCore>();
  position_ = store_.feed().Latest();
  for (const std::string& type : ListedTypes()) {
    std::string after;
    for (;;) {
      const auto page = store_.resources().List(type, "", after, kListPage);
      if (page.has_error()) return page.error();
      for (const ItemPtr& item : page.value().items) {
        const ResourceId id = store_.resources().IdOf(item->key);
        after = id.name;
        core_->Observe(id, nullptr, item, scheduler_.UnixNanos());
      }
      if (!page.value().more || page.value().items.empty()) break;
    }
  }
  listed_ = true;
  return {};
}

Task<> ClassicScheduler::Watch() {
  TimePoint last{};
  for (;;) {
    if (!listed_) {
      const auto listed = List();
      if (listed.has_error()) {
        co_await scheduler_.SleepFor(kListRetry);
        continue;
      }
      Schedule();
    }
    const auto read = store_.feed().Read(position_, kReadRecords);
    if (read.has_error()) {  // trimmed: what was missed is listed again
      listed_ = false;
      continue;
    }
    for (const RecordPtr& record : read.value()) {
      if (record->table == store_.resources().table().description().id) {
        const Duration age(scheduler_.UnixNanos() - record->unix_nanos);
        const TimePoint written = scheduler_.Now() - age;
        last = std::max(last, written + profile_.watch_delivery.Sample(random_));
        if (last > scheduler_.Now()) {
          Schedule();
          co_await scheduler_.SleepUntil(last);
        }
        core_->Observe(store_.resources().IdOf(record->key), record->old_image, record->new_image,
                       scheduler_.UnixNanos());
      }
      position_ = record->sequence;
    }
    Schedule();
    changed_.NotifyAll();
    if (position_ >= store_.feed().Latest()) {
      co_await store_.feed().WaitBeyond(position_, std::nullopt);
    }
  }
}

void ClassicScheduler::Schedule() {
  while (!stopping_) {
    const auto decision = core_->Next(scheduler_.UnixNanos());
    if (!decision) break;
    ++open_;
    if (decision->kind == Decision::Kind::kBind) {
      Spawn(scheduler_, "binding of " + decision->pod.name, Bind(*decision));
    } else {
      Spawn(scheduler_, "failure of " + decision->pod.name, Fail(*decision));
    }
  }
  WakeLater();
}

void ClassicScheduler::WakeLater() {
  if (wake_) scheduler_.Cancel(*wake_);
  wake_.reset();
  const auto at = core_->NextWake();
  if (!at || stopping_) return;
  const Duration delay(std::max<std::int64_t>(*at - scheduler_.UnixNanos(), 1));
  wake_ = scheduler_.CallAt(scheduler_.Now() + delay, [this] {
    wake_.reset();
    Schedule();
  });
}

Task<Result<void>> ClassicScheduler::Execute(Decision decision, controllers::Plan plan) {
  Sync sync;
  sync.work = "cycle-" + std::to_string(++cycles_);
  sync.owner = decision.pod;
  sync.version = decision.version;
  sync.event_target =
      controllers::scheduler::PodTarget(decision.pod, decision.uid, decision.version);
  sync.began_at = scheduler_.Now();
  const Result<void> done = co_await runner_.Execute(&sync, std::move(plan));
  co_return done;
}

Task<> ClassicScheduler::Bind(Decision decision) {
  const auto bound = std::make_shared<bool>(false);
  controllers::Plan plan;
  plan.batches.push_back(
      {{controllers::scheduler::BindingWrite(*core_, decision, scheduler_.UnixNanos(), bound)}});
  const Result<void> done = co_await Execute(decision, std::move(plan));
  if (done.has_value() && *bound) {
    events_.Say(controllers::scheduler::PodTarget(decision.pod, decision.uid, decision.version),
                controllers::scheduler::BindingNote(decision), std::string());
  } else {
    core_->Undo(decision.pod.name, decision.uid, scheduler_.UnixNanos());
    Schedule();
  }
  --open_;
  changed_.NotifyAll();
}

Task<> ClassicScheduler::Fail(Decision decision) {
  controllers::Plan plan = controllers::scheduler::FailurePlan(decision, scheduler_.UnixNanos());
  const Result<void> done = co_await Execute(decision, std::move(plan));
  if (done.has_error()) {
    Log(LogLevel::kInfo, "scheduler", decision.pod.name + ": " + done.error().message);
    if (!decision.victims.empty()) {
      core_->PreemptionFailed(decision.pod.name, decision.uid, scheduler_.UnixNanos());
      Schedule();
    }
  }
  --open_;
  changed_.NotifyAll();
}

}  // namespace kless::control_planes
