// FeedFollower: a list, then every change behind it, in order; listed again where the feed has been
// trimmed.  What informers, controllers and the timer service stand on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/base/scheduler.h"
#include "emulator/base/task.h"
#include "store/store.h"

namespace kless::control_planes {

class FeedFollower {
 public:
  struct Handlers {
    // Reads all that is followed and sets the position of the feed that it shows.  False: the store
    // could not be read; asked again after list_retry.
    std::function<Task<bool>(std::uint64_t* position)> list;
    // Which records of the resource table count; null: all.
    std::function<bool(const ChangeRecord&)> wants;
    // How long after its write a record is delivered; null: at once.  Records never overtake.
    std::function<Duration()> delay;
    std::function<void(const ChangeRecord&)> deliver;
    // Before it waits, for a record's time or for more of them; may be null.
    std::function<void()> pause;
    // reference kubernetes.md (b): a reflector's back-off begins at 800 ms.
    Duration list_retry = std::chrono::milliseconds(800);
  };

  // Scheduler and store outlive it.
  FeedFollower(Scheduler& scheduler, Store& store, Handlers handlers);

  Task<> Run();  // until the world ends

  // Everything that is committed has been delivered.
  bool CaughtUp() const { return listed_ && position_ >= store_.feed().Latest(); }
  // Records up to here have been delivered.
  std::uint64_t position() const { return position_; }

 private:
  Scheduler& scheduler_;
  Store& store_;
  const Handlers handlers_;
  bool listed_ = false;
  std::uint64_t position_ = 0;
  TimePoint last_{};  // delivery
};

// Calls `visit` with each resource of a type whose name begins with `prefix`, by name.
Result<void> VisitAll(const ResourceTable& resources, const std::string& type,
                      const std::string& prefix,
                      const std::function<void(const ResourceId&, const ItemPtr&)>& visit);

}  // namespace kless::control_planes
