// LoopWatch: the watch of a controller of the classic control plane.  It delivers the resources of
// the loop's types, first as a list, then each change watch_delivery after it was written.
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/base/random.h"
#include "emulator/control_planes/feed_follower.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/latency_profile.h"
#include "store/store.h"

namespace kless::control_planes {

class LoopWatch {
 public:
  struct Handlers {
    // Called before each list, which repeats what was delivered before; null: nothing is to forget.
    std::function<void()> begin_list;
    // Gets each listed resource (without an old image), and each change of any resource.
    std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image)>
        observe;
    // Called before it waits, for a record's time or for more records.
    std::function<void()> pause;
  };
  // All references must outlive it.  A loop without types watches those of every kind.
  LoopWatch(EventLoop& event_loop, Store& store, const ClassicProfile& profile,
            const controllers::ControlLoop& loop, Random& random, Handlers handlers);

  Task<> Run() { return follower_.Run(); }  // runs until the world ends

  // Whether everything committed has been delivered.
  bool CaughtUp() const { return follower_.CaughtUp(); }
  // Records up to here have been delivered.
  std::uint64_t position() const { return follower_.position(); }

 private:
  // Returns false if the store could not be read.
  Task<bool> List(std::uint64_t* position);
  FeedFollower::Handlers MakeHandlers();

  Store& store_;
  const ClassicProfile& profile_;
  const controllers::ControlLoop& loop_;
  Random& random_;
  const Handlers handlers_;
  FeedFollower follower_;
};

}  // namespace kless::control_planes
