#include "emulator/control_planes/classic/classic_scheduler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/system/log.h"
#include "emulator/control_planes/scheduler_function.h"
#include "functions/controllers/scheduler/decision_plan.h"

namespace kless::control_planes {

using controllers::scheduler::Decision;

namespace {

// reference scheduler.md, section 1: the scheduler's client, and that of its events.
constexpr double kClientQps = 50;
constexpr int kClientBurst = 100;

// 0 in the profile removes the limit of every client.
double Qps(const ClassicProfile& profile) { return profile.client_qps == 0 ? 0 : kClientQps; }

}  // namespace

ClassicScheduler::ClassicScheduler(EventLoop& event_loop, Store& store, ApiServer& server,
                                   const ClassicProfile& profile, Telemetry* telemetry,
                                   Event& changed, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile),
      changed_(changed),
      random_(seed, "scheduler"),
      client_(event_loop, server, Qps(profile), kClientBurst),
      event_client_(event_loop, server, Qps(profile), kClientBurst),
      events_(event_loop, store, event_client_, telemetry, changed,
              controllers::scheduler::kSchedulerComponent, seed),
      runner_(event_loop, store, client_, events_, telemetry, HashBytes("scheduler", seed)),
      follower_(event_loop, store, MakeHandlers()) {}

void ClassicScheduler::Start() {
  Spawn(event_loop_, "scheduler watch", follower_.Run());
  Spawn(event_loop_, "scheduler event sink", events_.Run());
}

bool ClassicScheduler::Idle() const {
  return follower_.CaughtUp() && Quiet() && !core_->HasActive(event_loop_.UnixNanos());
}

Task<bool> ClassicScheduler::List(std::uint64_t* position) {
  core_ = std::make_unique<controllers::scheduler::SchedulerCore>();
  *position = store_.feed().Latest();
  for (const std::string& type : SchedulerTypes()) {
    const auto visited =
        VisitAll(store_.resources(), type, "", [this](const ResourceId& id, const ItemPtr& item) {
          core_->Observe(id, nullptr, item, event_loop_.UnixNanos());
        });
    if (visited.has_error()) co_return false;
  }
  co_return true;
}

FeedFollower::Handlers ClassicScheduler::MakeHandlers() {
  FeedFollower::Handlers handlers;
  handlers.list = [this](std::uint64_t* position) { return List(position); };
  handlers.delay = [this] { return profile_.watch_delivery.Sample(random_); };
  handlers.deliver = [this](const ChangeRecord& record) {
    core_->Observe(store_.resources().IdOf(record.key), record.old_image, record.new_image,
                   event_loop_.UnixNanos());
  };
  handlers.pause = [this] {
    Schedule();
    changed_.NotifyAll();
  };
  return handlers;
}

void ClassicScheduler::Schedule() {
  while (!stopping_) {
    const auto decision = core_->Next(event_loop_.UnixNanos());
    if (!decision) break;
    ++open_;
    if (decision->kind == Decision::Kind::kBind) {
      Spawn(event_loop_, "binding of " + decision->pod.name, Bind(*decision));
    } else {
      Spawn(event_loop_, "failure of " + decision->pod.name, Fail(*decision));
    }
  }
  WakeLater();
}

void ClassicScheduler::WakeLater() {
  if (wake_) event_loop_.Cancel(*wake_);
  wake_.reset();
  const auto at = core_->NextWake();
  if (!at || stopping_) return;
  const Duration delay(std::max<std::int64_t>(*at - event_loop_.UnixNanos(), 1));
  wake_ = event_loop_.CallAt(event_loop_.Now() + delay, [this] {
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
  sync.began_at = event_loop_.Now();
  const Result<void> done = co_await runner_.Execute(&sync, std::move(plan));
  co_return done;
}

Task<> ClassicScheduler::Bind(Decision decision) {
  const auto bound = std::make_shared<bool>(false);
  controllers::Plan plan;
  plan.batches.push_back(
      {{controllers::scheduler::BindingWrite(*core_, decision, event_loop_.UnixNanos(), bound)}});
  const Result<void> done = co_await Execute(decision, std::move(plan));
  if (done.has_value() && *bound) {
    events_.Say(controllers::scheduler::PodTarget(decision.pod, decision.uid, decision.version),
                controllers::scheduler::BindingNote(decision), std::string());
  } else {
    core_->Undo(decision.pod.name, decision.uid, event_loop_.UnixNanos());
    Schedule();
  }
  --open_;
  changed_.NotifyAll();
}

Task<> ClassicScheduler::Fail(Decision decision) {
  controllers::Plan plan = controllers::scheduler::FailurePlan(decision, event_loop_.UnixNanos());
  const Result<void> done = co_await Execute(decision, std::move(plan));
  if (done.has_error()) {
    Log(LogLevel::kInfo, "scheduler", decision.pod.name + ": " + LogText(done.error()));
    if (!decision.victims.empty()) {
      core_->PreemptionFailed(decision.pod.name, decision.uid, event_loop_.UnixNanos());
      Schedule();
    }
  }
  --open_;
  changed_.NotifyAll();
}

}  // namespace kless::control_planes
