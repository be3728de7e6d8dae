// PodLife: the events in a simulated pod, and their times.  A state machine without I/O: the caller
// has the clock and writes the status.
//
// Random draws are functions of the pod's uid, so that a restarted daemon draws the same.  All
// times are nanoseconds since 1970.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/data_plane/data_plane_config.h"
#include "emulator/data_plane/pod.h"

namespace kless::data_plane {

class PodLife {
 public:
  explicit PodLife(const DataPlaneConfig& config);

  // The kubelet sees the pod for the first time.  Returns true if the status must be written now.
  bool Begin(Pod& pod, std::int64_t now) const;
  // The kubelet is back: continues from the state restored by ReadStatus.
  void Resume(Pod& pod, std::int64_t now) const;
  // Performs one round: due containers end, then start, then become ready, so that each state is
  // visible if the status is written after each round.  Returns true if the status has changed.
  bool Advance(Pod& pod, std::int64_t now) const;
  // When the next round is due; kNever if nothing will happen by itself.
  std::int64_t NextDue(const Pod& pod) const;

  // Sends SIGTERM to all running containers, and starts no more.  A repeated call with a shorter
  // grace shortens it.
  void Stop(Pod& pod, StopReason reason, std::int64_t grace_nanos, std::int64_t now) const;
  // Ends the running main containers now.  Returns false if none is running.
  bool Kill(Pod& pod, int exit_code, bool oom, std::int64_t now) const;
  // Moves all times by a period in which nothing progressed.
  void Shift(Pod& pod, std::int64_t nanos) const;

 private:
  struct Drawn {
    const Stage* stage = nullptr;
    std::int64_t nanos = 0;
  };
  // `number` counts the draws within a step.
  Drawn Draw(const Pod& pod, Step step, std::uint64_t number) const;
  std::uint64_t NumberOf(std::size_t container, int attempt) const;

  bool EndDue(Pod& pod, std::int64_t now) const;
  bool Pull(Pod& pod, std::int64_t now) const;
  bool StartDue(Pod& pod, std::int64_t now) const;
  // Starts one container whose turn it is.  Returns true if there is something to write.
  bool StartOne(Pod& pod, std::size_t index, std::int64_t now) const;
  void Run(Pod& pod, std::size_t index, std::int64_t now) const;
  void PlanEnd(const Pod& pod, std::size_t index, Container& container) const;
  void PlanRestart(const Pod& pod, std::size_t index, Container& container) const;
  bool WantsRestart(const Pod& pod, std::size_t index) const;
  bool Settle(Pod& pod, std::int64_t now) const;
  void EndPod(Pod& pod) const;

  std::vector<std::vector<Stage>> stages_;  // by Step
  std::vector<bool> constant_;              // by Step: whether nothing is drawn
  Distribution stop_;
  bool stop_is_constant_ = true;
};

}  // namespace kless::data_plane
