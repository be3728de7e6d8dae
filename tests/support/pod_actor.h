// PodActor: a fast stand-in for kubelets: it makes pods run and end at random times, and removes
// some of those that ended and were counted.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "store/store.h"

namespace kless::testing {

// Writes the phase of a pod's status, as a kubelet would; false if the pod is gone or another
// writer was faster.
bool SetPodPhase(Store& store, const std::string& pod, PodPhase phase);

class PodActor {
 public:
  // Every pod ends after a random time up to `longest`, a tenth of them (at most `failures_max` in
  // total) in failure.
  PodActor(EventLoop& event_loop, Store& store, std::uint64_t seed, Duration longest,
           int failures_max);
  // Looks for new pods periodically until Stop, or until `looks` are used up.
  void Start(int looks);
  void Stop() { looks_ = 0; }
  int failed() const { return failed_; }
  int succeeded() const { return succeeded_; }

 private:
  void Look();
  void End(std::string pod);

  EventLoop& event_loop_;
  Store& store_;
  Random random_;
  const Duration longest_;
  const int failures_max_;
  int looks_ = 0;
  int failed_ = 0;
  int succeeded_ = 0;
  std::set<std::string> seen_;  // "name uid"
};

}  // namespace kless::testing
