// PodLife: what happens in a simulated pod, and when.  A state machine without I/O: the caller has
// the clock and writes the status.
//
// Whatever is drawn at random is a function of the pod's uid, so that a restarted daemon draws the
// same.  All times are nanoseconds since 1970.
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

  // The kubelet sees the pod for the first time.  True: the status is to be written now.
  bool Begin(Pod& pod, std::int64_t now) const;
  // The kubelet is back: goes on from what ReadStatus has taken over.
  void Resume(Pod& pod, std::int64_t now) const;
  // One round: what is due ends, then starts, then gets ready, so that each state is seen by
  // somebody who writes the status after each round.  True: the status has changed.
  bool Advance(Pod& pod, std::int64_t now) const;
  // When the next round is due; kNever: nothing will happen by itself.
  std::int64_t NextDue(const Pod& pod) const;

  // SIGTERM to all that run, and nothing starts any more.  Again with a shorter grace: sooner.
  void Stop(Pod& pod, StopReason reason, std::int64_t grace_nanos, std::int64_t now) const;
  // The running main containers end now.  False: none runs.
  bool Kill(Pod& pod, int exit_code, bool oom, std::int64_t now) const;
  // A time in which nothing went on.
  void Shift(Pod& pod, std::int64_t nanos) const;

 private:
  struct Drawn {
    const Stage* stage = nullptr;
    std::int64_t nanos = 0;
  };
  // `number`: of the draw within its step.
  Drawn Draw(const Pod& pod, Step step, std::uint64_t number) const;
  std::uint64_t NumberOf(std::size_t container, int attempt) const;

  bool EndDue(Pod& pod, std::int64_t now) const;
  bool Pull(Pod& pod, std::int64_t now) const;
  bool StartDue(Pod& pod, std::int64_t now) const;
  // Of one container whose turn it is.  True: something to write.
  bool StartOne(Pod& pod, std::size_t index, std::int64_t now) const;
  void Run(Pod& pod, std::size_t index, std::int64_t now) const;
  void PlanEnd(const Pod& pod, std::size_t index, Container& container) const;
  void PlanRestart(const Pod& pod, std::size_t index, Container& container) const;
  bool WantsRestart(const Pod& pod, std::size_t index) const;
  bool Settle(Pod& pod, std::int64_t now) const;
  void EndPod(Pod& pod) const;

  std::vector<std::vector<Stage>> stages_;  // by Step
  std::vector<bool> constant_;              // by Step: nothing is drawn
  Distribution stop_;
  bool stop_is_constant_ = true;
};

}  // namespace kless::data_plane
