// Replayer: sends the requests of a recording to a world, each at its time, through the router.
//
// Requests that concern the recorded daemon's own process are left out: its clock, waiting for
// idleness, snapshots.  Streams are opened and not read.  A reply may differ from the recorded one
// (uids, versions and the order of events are those of the replay); that is counted, not an error.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/http/router.h"
#include "emulator/recording.h"

namespace kless::experiment {

class Replayer {
 public:
  // All references must outlive it.
  Replayer(EventLoop& event_loop, Router& router, const Recording& recording);

  // The recording's time 0 is now.  Call it once.
  void Start();
  bool Done() const { return open_ == 0; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t left_out() const { return left_out_; }
  std::uint64_t answered_otherwise() const { return answered_otherwise_; }

 private:
  Task<> Send(std::size_t index);

  EventLoop& event_loop_;
  Router& router_;
  const Recording& recording_;
  std::uint64_t open_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t answered_otherwise_ = 0;
};

}  // namespace kless::experiment
