#include "emulator/control_planes/classic/controller_manager.h"

#include <algorithm>
#include <utility>

#include "emulator/control_planes/classic/loop_controller.h"
#include "emulator/control_planes/classic/promise_controller.h"
#include "emulator/control_planes/classic/view_controller.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/controllers/loops.h"

namespace kless::control_planes {

using controllers::ControlLoop;

ControllerManager::ControllerManager(EventLoop& event_loop, Store& store,
                                     const LatencyProfile& profile, Telemetry* telemetry,
                                     std::uint64_t seed, const std::vector<std::string>& loops)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile.classic),
      telemetry_(telemetry),
      random_(seed, "controller manager"),
      changed_(event_loop),
      server_(event_loop, profile.classic, seed) {
  std::vector<const ControlLoop*> others, viewing, promising;
  for (const ControlLoop& loop : controllers::ControlLoops()) {
    if (std::find(loops.begin(), loops.end(), loop.setting) == loops.end()) continue;
    (loop.promises ? promising : loop.view ? viewing : others).push_back(&loop);
  }
  for (const ControlLoop* loop : others) {
    controllers_.push_back(std::make_unique<LoopController>(event_loop, store, server_, profile_,
                                                            *loop, telemetry, changed_, seed));
  }
  for (const ControlLoop* loop : viewing) {
    controllers_.push_back(std::make_unique<ViewController>(event_loop, store, server_, profile_,
                                                            *loop, telemetry, changed_, seed));
  }
  for (const ControlLoop* loop : promising) {
    auto controller = std::make_unique<PromiseController>(
        event_loop, store, server_, profile_, *loop, telemetry, changed_, random_, seed);
    jobs_ = controller.get();
    controllers_.push_back(std::move(controller));
  }
}

ControllerManager::~ControllerManager() = default;

void ControllerManager::Start() { Spawn(event_loop_, "controller manager", Run()); }

Task<> ControllerManager::Run() {
  for (const auto& [name, time] : profile_.startup) {
    const Duration sampled = time.Sample(random_);
    if (sampled > Duration::zero()) co_await event_loop_.SleepFor(sampled);
    if (telemetry_ != nullptr) telemetry_->OnStartupStage(event_loop_.Now(), name, sampled);
  }
  operational_ = true;
  for (const auto& controller : controllers_) controller->Start();
}

void ControllerManager::Stop() {
  for (const auto& controller : controllers_) controller->Stop();
}

bool ControllerManager::Quiet() const {
  return std::all_of(controllers_.begin(), controllers_.end(),
                     [](const auto& controller) { return controller->Quiet(); });
}

bool ControllerManager::Idle() const {
  return operational_ && std::all_of(controllers_.begin(), controllers_.end(),
                                     [](const auto& controller) { return controller->Idle(); });
}

bool ControllerManager::AtRest() const {
  return operational_ && std::all_of(controllers_.begin(), controllers_.end(),
                                     [](const auto& controller) { return controller->AtRest(); });
}

std::uint64_t ControllerManager::position() const {
  std::uint64_t position = store_.feed().Latest();
  for (const auto& controller : controllers_) {
    position = std::min(position, controller->position());
  }
  return position;
}

std::size_t ControllerManager::queue_depth() const {
  return jobs_ == nullptr ? 0 : jobs_->queue_depth();
}

std::uint64_t ControllerManager::syncs() const { return jobs_ == nullptr ? 0 : jobs_->syncs(); }

}  // namespace kless::control_planes
