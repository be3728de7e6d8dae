#include "emulator/control_planes/classic/view_controller.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/system/log.h"

namespace kless::control_planes {

using controllers::ViewStep;

namespace {

// reference scheduler.md, section 1: the scheduler's client, and that of its events.
constexpr double kClientQps = 50;
constexpr int kClientBurst = 100;

// 0 in the profile removes the limit of every client.
double Qps(const ClassicProfile& profile) { return profile.client_qps == 0 ? 0 : kClientQps; }

}  // namespace

ViewController::ViewController(EventLoop& event_loop, Store& store, ApiServer& server,
                               const ClassicProfile& profile, const controllers::ControlLoop& loop,
                               Telemetry* telemetry, Event& changed, std::uint64_t seed)
    : event_loop_(event_loop),
      loop_(loop),
      changed_(changed),
      random_(seed, loop.name),
      view_(loop.view()),
      client_(event_loop, server, Qps(profile), kClientBurst),
      event_client_(event_loop, server, Qps(profile), kClientBurst),
      events_(event_loop, store, event_client_, telemetry, changed, loop.component, seed),
      runner_(event_loop, store, client_, events_, telemetry, HashBytes(loop.name, seed)),
      watch_(event_loop, store, profile, loop, random_, WatchHandlers()) {}

void ViewController::Start() {
  Spawn(event_loop_, loop_.name + " watch", watch_.Run());
  Spawn(event_loop_, loop_.name + " event sink", events_.Run());
}

bool ViewController::Idle() const {
  return watch_.CaughtUp() && Quiet() && !view_->HasActive(event_loop_.UnixNanos());
}

LoopWatch::Handlers ViewController::WatchHandlers() {
  LoopWatch::Handlers handlers;
  handlers.begin_list = [this] { view_ = loop_.view(); };
  handlers.observe = [this](const ResourceId& id, const ItemPtr& old_image,
                            const ItemPtr& new_image) {
    view_->Observe(id, old_image, new_image, event_loop_.UnixNanos());
  };
  handlers.pause = [this] {
    TakeSteps();
    changed_.NotifyAll();
  };
  return handlers;
}

void ViewController::TakeSteps() {
  while (!stopping_) {
    std::optional<ViewStep> step = view_->Next(event_loop_.UnixNanos());
    if (!step) break;
    ++open_;
    if (step->claim.empty()) {
      Spawn(event_loop_, "failure of " + step->id.name, CarryOut(std::move(*step)));
    } else {
      Spawn(event_loop_, "binding of " + step->id.name, Take(std::move(*step)));
    }
  }
  WakeLater();
}

void ViewController::WakeLater() {
  if (wake_) event_loop_.Cancel(*wake_);
  wake_.reset();
  const auto at = view_->NextWake();
  if (!at || stopping_) return;
  const Duration delay(std::max<std::int64_t>(*at - event_loop_.UnixNanos(), 1));
  wake_ = event_loop_.CallAt(event_loop_.Now() + delay, [this] {
    wake_.reset();
    TakeSteps();
  });
}

Task<Result<void>> ViewController::Execute(ResourceId id, controllers::EventTarget target,
                                           controllers::Plan plan) {
  Sync sync;
  sync.work = "cycle-" + std::to_string(++steps_);
  sync.owner = std::move(id);
  sync.version = target.resource_version;
  sync.event_target = std::move(target);
  sync.began_at = event_loop_.Now();
  const Result<void> done = co_await runner_.Execute(&sync, std::move(plan));
  co_return done;
}

Task<> ViewController::Take(ViewStep step) {
  const auto taken = std::make_shared<bool>(false);
  controllers::Edit edit;
  edit.apply = [take = step.take, taken,
                unix_nanos = event_loop_.UnixNanos()](const std::string& document) {
    auto written = take(document, unix_nanos);
    if (written) *taken = true;
    return written;
  };
  controllers::Plan plan;
  plan.batches.push_back({{{.id = step.id, .change = std::move(edit)}}});
  const Result<void> done = co_await Execute(step.id, step.target, std::move(plan));
  if (done.has_value() && *taken) {
    for (const controllers::EventNote& note : step.plan.events) {
      events_.Say(note.about.value_or(step.target), note, std::string());
    }
  } else {
    view_->Undo(step, event_loop_.UnixNanos());
    TakeSteps();
  }
  --open_;
  changed_.NotifyAll();
}

Task<> ViewController::CarryOut(ViewStep step) {
  controllers::Plan plan = std::move(step.plan);
  const Result<void> done = co_await Execute(step.id, step.target, std::move(plan));
  if (done.has_error()) {
    Log(LogLevel::kInfo, loop_.name, step.id.name + ": " + LogText(done.error()));
    if (step.assumed) {
      view_->Undo(step, event_loop_.UnixNanos());
      TakeSteps();
    }
  }
  --open_;
  changed_.NotifyAll();
}

}  // namespace kless::control_planes
