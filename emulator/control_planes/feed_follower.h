// FeedFollower: a list, then every later change, in order; the list is repeated if the feed has
// been trimmed.  Informers, controllers and the timer service are built on it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "store/store.h"

namespace kless::control_planes {

class FeedFollower {
 public:
  struct Handlers {
    // Reads everything that is followed and sets the position of the feed that the list shows.
    // Returns false if the store could not be read; it is called again after list_retry.
    std::function<Task<bool>(std::uint64_t* position)> list;
    // Selects records of the resource table; null selects all.
    std::function<bool(const ChangeRecord&)> wants;
    // The delay from the write of a record to its delivery; null: none.  The order of records is
    // kept.
    std::function<Duration()> delay;
    std::function<void(const ChangeRecord&)> deliver;
    // Called before it waits, for a record's time or for more records; may be null.
    std::function<void()> pause;
    // reference kubernetes.md (b): a reflector's back-off begins at 800 ms.
    Duration list_retry = std::chrono::milliseconds(800);
  };

  // EventLoop and store must outlive it.
  FeedFollower(EventLoop& event_loop, Store& store, Handlers handlers);

  Task<> Run();  // runs until the world ends

  // Whether everything committed has been delivered.
  bool CaughtUp() const { return listed_ && position_ >= store_.feed().Latest(); }
  // Records up to here have been delivered.
  std::uint64_t position() const { return position_; }

 private:
  EventLoop& event_loop_;
  Store& store_;
  const Handlers handlers_;
  bool listed_ = false;
  std::uint64_t position_ = 0;
  TimePoint last_{};  // time of the last delivery
};

// Calls `visit` with each resource of a type whose name begins with `prefix`, in order of name.
Result<void> VisitAll(const ResourceTable& resources, const std::string& type,
                      const std::string& prefix,
                      const std::function<void(const ResourceId&, const ItemPtr&)>& visit);

}  // namespace kless::control_planes
