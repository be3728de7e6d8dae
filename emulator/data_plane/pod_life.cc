#include "emulator/data_plane/pod_life.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"

namespace kless::data_plane {
namespace {

// Reference kubernetes.md (b): 10 s, doubling, up to 300 s.  The first restart is immediate: the
// kubelet's back-off begins with it (flowcontrol.Backoff, IsInBackOffSince before Next).
constexpr std::int64_t kBackoffSeconds = 10;
constexpr std::int64_t kBackoffMaxSeconds = 300;
// A container that has run for twice the longest back-off starts over (flowcontrol.Backoff,
// hasExpired).
constexpr std::int64_t kBackoffResetNanos = 2 * kBackoffMaxSeconds * kNanosPerSecond;
constexpr int kTerminatedExitCode = 143;  // 128 + SIGTERM
constexpr int kKilledExitCode = 137;      // 128 + SIGKILL
constexpr std::uint64_t kAttempts = 1 << 20;
constexpr std::uint64_t kStopNumber = 1ULL << 40;

std::int64_t BackoffNanos(int failures) {
  if (failures <= 0) return 0;
  const std::int64_t seconds =
      failures > 5 ? kBackoffMaxSeconds : kBackoffSeconds << (failures - 1);
  return std::min(seconds, kBackoffMaxSeconds) * kNanosPerSecond;
}

std::int64_t Later(std::int64_t at, std::int64_t nanos) {
  return nanos > kNever - at ? kNever : at + nanos;
}

bool IsConstant(const Distribution& distribution) {
  return distribution.ToJson().contains("constant_ms");
}

bool Draws(const std::vector<Stage>& alternatives) {
  return alternatives.size() > 1 || !IsConstant(alternatives[0].delay) ||
         !alternatives[0].jitter.IsZero();
}

const Stage& Choose(const std::vector<Stage>& alternatives, Random& random) {
  if (alternatives.size() == 1) return alternatives[0];
  std::uint64_t total = 0;
  for (const Stage& stage : alternatives) total += static_cast<std::uint64_t>(stage.weight);
  std::uint64_t drawn = random.Below(total);
  for (const Stage& stage : alternatives) {
    const auto weight = static_cast<std::uint64_t>(stage.weight);
    if (drawn < weight) return stage;
    drawn -= weight;
  }
  return alternatives.back();
}

bool AnyRuns(const Pod& pod) {
  return std::any_of(pod.containers.begin(), pod.containers.end(),
                     [](const Container& c) { return c.state == ContainerState::kRunning; });
}

}  // namespace

PodLife::PodLife(const DataPlaneConfig& config)
    : stages_(StagesOf(config)), stop_(config.stop), stop_is_constant_(IsConstant(config.stop)) {
  for (const auto& alternatives : stages_) constant_.push_back(!Draws(alternatives));
}

std::uint64_t PodLife::NumberOf(std::size_t container, int attempt) const {
  return container * kAttempts + static_cast<std::uint64_t>(attempt);
}

PodLife::Drawn PodLife::Draw(const Pod& pod, Step step, std::uint64_t number) const {
  const auto& alternatives = stages_[static_cast<std::size_t>(step)];
  const bool constant = constant_[static_cast<std::size_t>(step)];
  // A constant draws nothing: any stream will do, and making one costs more than all the rest.
  static thread_local Random unused(0, "constant");
  if (constant) return {&alternatives[0], alternatives[0].delay.Sample(unused).count()};
  Random random(HashBytes(pod.uid, number), StepName(step));
  const Stage& stage = Choose(alternatives, random);
  std::int64_t nanos = stage.delay.Sample(random).count();
  if (!stage.jitter.IsZero()) {
    const Duration most = stage.jitter.Sample(random);
    nanos += static_cast<std::int64_t>(static_cast<double>(most.count()) * random.Unit());
  }
  return {&stage, nanos};
}

bool PodLife::Begin(Pod& pod, std::int64_t now) const {
  pod.started_at = now;
  const Drawn pull = Draw(pod, Step::kImagePull, 0);
  pod.pull_due = now + pull.nanos;
  return pull.stage->post && pull.nanos > 0;
}

void PodLife::Resume(Pod& pod, std::int64_t now) const {
  const auto failures = static_cast<std::uint64_t>(pod.pull_failures);
  const Drawn pull = Draw(pod, Step::kImagePull, failures);
  pod.pull_due = (pod.pull_failures == 0 ? pod.started_at : now) + pull.nanos;
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    if (container.state == ContainerState::kRunning) {
      PlanEnd(pod, i, container);
      if (!container.ready) {
        container.ready_at = container.run.started_at +
                             Draw(pod, Step::kReady, NumberOf(i, container.restarts)).nanos;
      }
    } else if (container.state == ContainerState::kTerminated) {
      PlanRestart(pod, i, container);
    } else if (container.backing_off) {
      container.due = Later(container.last.finished_at,
                            BackoffNanos(container.restarts - container.backoff_base));
    }
  }
}

// Plans how and when the run that began at run.started_at will end.
void PodLife::PlanEnd(const Pod& pod, std::size_t index, Container& container) const {
  const ContainerShape& shape = pod.manifest->containers[index];
  const std::uint64_t number = NumberOf(index, container.restarts);
  const Drawn drawn = Draw(pod, Step::kRun, number);
  Termination& run = container.run;
  const std::int64_t length = !shape.run_time               ? drawn.nanos
                              : *shape.run_time == kForever ? kNever
                                                            : shape.run_time->count();
  run.finished_at = length == kNever ? kNever : Later(run.started_at, length);
  run.exit_code = drawn.stage->oom ? kKilledExitCode : drawn.stage->exit_code;
  bool oom = drawn.stage->oom;
  if (!shape.exit_codes.empty()) {
    const auto attempt = static_cast<std::size_t>(container.restarts);
    run.exit_code = shape.exit_codes[std::min(attempt, shape.exit_codes.size() - 1)];
    oom = shape.oom;
  }
  run.reason = oom                  ? EndReason::kOomKilled
               : run.exit_code == 0 ? EndReason::kCompleted
                                    : EndReason::kError;
  container.due = run.finished_at == kNever
                      ? kNever
                      : Later(run.finished_at, Draw(pod, Step::kExit, number).nanos);
}

bool PodLife::WantsRestart(const Pod& pod, std::size_t index) const {
  if (pod.stop != StopReason::kNone) return false;
  const ContainerShape& shape = pod.manifest->containers[index];
  if (shape.sidecar) return true;
  const bool failed = pod.containers[index].run.exit_code != 0;
  if (shape.init) return failed && pod.manifest->restart_policy != RestartPolicy::kNever;
  return pod.manifest->restart_policy == RestartPolicy::kAlways ||
         (pod.manifest->restart_policy == RestartPolicy::kOnFailure && failed);
}

// Plans the restart of a container that has just ended.
void PodLife::PlanRestart(const Pod& pod, std::size_t index, Container& container) const {
  container.due = kNever;
  if (!WantsRestart(pod, index)) return;
  const Termination& run = container.run;
  if (run.finished_at - run.started_at > kBackoffResetNanos) {
    container.backoff_base = container.restarts;
  }
  const std::int64_t backoff = BackoffNanos(container.restarts - container.backoff_base);
  if (backoff == 0) {  // stays terminated until it runs again
    const std::uint64_t number = NumberOf(index, container.restarts + 1);
    container.due = run.finished_at + Draw(pod, Step::kStart, number).nanos;
    return;
  }
  container.state = ContainerState::kWaiting;
  container.backing_off = true;
  container.ran_before = true;
  container.last = run;
  container.due = run.finished_at + backoff;
}

bool PodLife::EndDue(Pod& pod, std::int64_t now) const {
  bool changed = false;
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    if (container.state != ContainerState::kRunning || container.due > now) continue;
    container.state = ContainerState::kTerminated;
    container.ready = pod.manifest->containers[i].init && container.run.exit_code == 0;
    PlanRestart(pod, i, container);
    if (container.state == ContainerState::kWaiting) container.ready = false;
    changed = true;
  }
  return changed;
}

bool PodLife::Pull(Pod& pod, std::int64_t now) const {
  if (pod.pulled || pod.pull_due > now) return false;
  const Drawn drawn = Draw(pod, Step::kImagePull, static_cast<std::uint64_t>(pod.pull_failures));
  if (!pod.manifest->pull_fails && !drawn.stage->fails) {
    pod.pulled = true;
    return false;
  }
  ++pod.pull_failures;
  const Drawn next = Draw(pod, Step::kImagePull, static_cast<std::uint64_t>(pod.pull_failures));
  // A pull that always fails is not retried forever, since the status would stay the same.
  const bool hopeless = pod.manifest->pull_fails && pod.pull_failures >= 2;
  pod.pull_due = hopeless ? kNever : now + BackoffNanos(pod.pull_failures) + next.nanos;
  return pod.pull_failures <= 2;
}

void PodLife::Run(Pod& pod, std::size_t index, std::int64_t now) const {
  Container& container = pod.containers[index];
  if (container.started_once()) {
    if (container.state == ContainerState::kTerminated) {
      container.last = container.run;
      container.ran_before = true;
    }
    ++container.restarts;
  }
  container.state = ContainerState::kRunning;
  container.backing_off = false;
  container.run = Termination();
  container.run.started_at = now;
  PlanEnd(pod, index, container);
  const ContainerShape& shape = pod.manifest->containers[index];
  const std::int64_t ready = Draw(pod, Step::kReady, NumberOf(index, container.restarts)).nanos;
  const bool can_be_ready = !shape.init || shape.sidecar;
  container.ready = can_be_ready && ready == 0;
  container.ready_at = can_be_ready ? now + ready : kNever;
}

bool PodLife::StartOne(Pod& pod, std::size_t index, std::int64_t now) const {
  Container& container = pod.containers[index];
  bool post = false;
  if (container.due == 0) {
    const Drawn start = Draw(pod, Step::kStart, NumberOf(index, 0));
    container.due = now + start.nanos;
    post = start.stage->post && start.nanos > 0;
  }
  if (container.due > now) return post;
  Run(pod, index, now);
  return true;
}

bool PodLife::StartDue(Pod& pod, std::int64_t now) const {
  bool changed = false;
  const std::size_t inits = pod.manifest->init_containers;
  for (std::size_t i = 0; i < inits; ++i) {
    Container& container = pod.containers[i];
    if (container.state != ContainerState::kRunning && !container.ended()) {
      changed |= StartOne(pod, i, now);
    }
    // A sidecar only has to have started; other init containers have to succeed.
    const bool passed = pod.manifest->containers[i].sidecar
                            ? container.started_once()
                            : container.ended() && container.run.exit_code == 0;
    if (!passed) return changed;
  }
  for (std::size_t i = inits; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    if (container.state == ContainerState::kRunning || container.ended()) continue;
    changed |= StartOne(pod, i, now);
  }
  return changed;
}

bool PodLife::Advance(Pod& pod, std::int64_t now) const {
  if (pod.terminal()) return false;
  const auto& deadline = pod.manifest->active_deadline_seconds;
  if (deadline && pod.stop == StopReason::kNone &&
      now >= pod.started_at + *deadline * kNanosPerSecond) {
    Stop(pod, StopReason::kDeadline, pod.manifest->grace_seconds * kNanosPerSecond, now);
  }
  bool changed = EndDue(pod, now);
  if (pod.stop == StopReason::kNone) {
    changed |= Pull(pod, now);
    if (pod.pulled) changed |= StartDue(pod, now);
    for (Container& container : pod.containers) {
      if (container.state != ContainerState::kRunning || container.ready) continue;
      if (container.ready_at > now) continue;
      container.ready = true;
      changed = true;
    }
  }
  return Settle(pod, now) || changed;
}

// Ends the pod if nothing runs any more; returns true if it has ended.
bool PodLife::Settle(Pod& pod, std::int64_t now) const {
  const std::size_t inits = pod.manifest->init_containers;
  if (pod.stop == StopReason::kNone) {
    bool init_failed = false;
    for (std::size_t i = 0; i < inits; ++i) {
      const Container& c = pod.containers[i];
      init_failed |= c.ended() && c.run.exit_code != 0 && !pod.manifest->containers[i].sidecar;
    }
    bool all_ended = pod.containers.size() > inits;
    for (std::size_t i = inits; i < pod.containers.size(); ++i) {
      all_ended = all_ended && pod.containers[i].ended();
    }
    if (!init_failed && !all_ended) {
      for (std::size_t i = inits; i < pod.containers.size(); ++i) {
        if (pod.containers[i].started_once()) pod.phase = PodPhase::kRunning;
      }
      return false;
    }
    Stop(pod, StopReason::kFinished, pod.manifest->grace_seconds * kNanosPerSecond, now);
    EndDue(pod, now);
  }
  if (AnyRuns(pod)) return false;
  EndPod(pod);
  return true;
}

// Called when no container runs or will run any more.
void PodLife::EndPod(Pod& pod) const {
  const std::size_t inits = pod.manifest->init_containers;
  bool initialized = true;
  for (std::size_t i = 0; i < inits; ++i) {
    initialized = initialized && pod.containers[i].started_once();
  }
  bool succeeded = pod.stop == StopReason::kFinished || pod.stop == StopReason::kDeleted;
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    container.due = kNever;
    if (container.state == ContainerState::kWaiting) {
      if (container.ran_before) {  // it was backing off
        container.state = ContainerState::kTerminated;
        container.run = container.last;
      } else if (initialized && i >= inits && pod.stop != StopReason::kFinished) {
        container.state = ContainerState::kTerminated;
        container.run = {0, 0, kKilledExitCode, EndReason::kStatusUnknown};
      }
    }
    container.backing_off = false;
    container.ready =
        i < inits && container.state == ContainerState::kTerminated && container.run.exit_code == 0;
    if (i >= inits) {
      succeeded = succeeded && container.state == ContainerState::kTerminated &&
                  container.run.exit_code == 0;
    }
  }
  pod.phase = succeeded && pod.containers.size() > inits ? PodPhase::kSucceeded : PodPhase::kFailed;
}

void PodLife::Stop(Pod& pod, StopReason reason, std::int64_t grace_nanos, std::int64_t now) const {
  if (pod.stop == StopReason::kNone || pod.stop == StopReason::kFinished) pod.stop = reason;
  static thread_local Random unused(0, "constant");
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    if (container.state != ContainerState::kRunning) {
      if (container.state == ContainerState::kTerminated) container.due = kNever;
      continue;
    }
    std::int64_t delay = 0;
    if (stop_is_constant_) {
      delay = stop_.Sample(unused).count();
    } else {
      Random random(HashBytes(pod.uid, kStopNumber + i), "stop");
      delay = stop_.Sample(random).count();
    }
    const bool killed = pod.manifest->ignore_sigterm || delay > grace_nanos;
    const std::int64_t end = Later(now, killed ? grace_nanos : delay);
    if (container.run.finished_at > end) {
      container.run.finished_at = end;
      container.run.exit_code = killed || grace_nanos == 0 ? kKilledExitCode : kTerminatedExitCode;
      container.run.reason = EndReason::kError;
    }
    container.due = std::max(now, container.run.finished_at);
  }
}

bool PodLife::Kill(Pod& pod, int exit_code, bool oom, std::int64_t now) const {
  bool any = false;
  for (std::size_t i = pod.manifest->init_containers; i < pod.containers.size(); ++i) {
    Container& container = pod.containers[i];
    if (container.state != ContainerState::kRunning) continue;
    container.run.finished_at = now;
    container.run.exit_code = exit_code;
    container.run.reason = oom              ? EndReason::kOomKilled
                           : exit_code == 0 ? EndReason::kCompleted
                                            : EndReason::kError;
    container.due = now;
    any = true;
  }
  return any;
}

void PodLife::Shift(Pod& pod, std::int64_t nanos) const {
  const auto shift = [nanos](std::int64_t& at) {
    if (at > 0 && at < kNever) at = Later(at, nanos);
  };
  if (!pod.pulled) shift(pod.pull_due);
  for (Container& container : pod.containers) {
    shift(container.due);
    if (container.state == ContainerState::kRunning) {
      shift(container.run.finished_at);
      shift(container.ready_at);
    }
  }
}

std::int64_t PodLife::NextDue(const Pod& pod) const {
  if (pod.terminal()) return kNever;
  std::int64_t next = kNever;
  const bool stopping = pod.stop != StopReason::kNone;
  if (!stopping && pod.manifest->active_deadline_seconds) {
    next = pod.started_at + *pod.manifest->active_deadline_seconds * kNanosPerSecond;
  }
  if (!stopping && !pod.pulled) next = std::min(next, pod.pull_due);
  for (const Container& container : pod.containers) {
    const bool runs = container.state == ContainerState::kRunning;
    if (container.due > 0 && (runs || !stopping)) next = std::min(next, container.due);
    if (runs && !container.ready && !stopping) next = std::min(next, container.ready_at);
  }
  // A pod without running containers is stopped at once.
  if (stopping && !AnyRuns(pod)) next = 0;
  return next;
}

}  // namespace kless::data_plane
