// Informer: the cache of a classic controller, filled by a list and updated by a watch.
//
// It holds every owner of a loop with promises and, per owner, the row of each dependent; those
// that have failed and are not counted yet are held whole, so that they can be judged.  A record
// arrives watch_delivery after it was written, in order.  Handlers run after the cache has changed;
// images are null as in ChangeRecord.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/feed_follower.h"
#include "functions/controllers/loop/promises.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class Informer {
 public:
  using Handler =
      std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image)>;
  // All references must outlive it. telemetry may be null.
  Informer(EventLoop& event_loop, Store& store, ApiServer& server, const ClassicProfile& profile,
           const controllers::Promises& promises, Telemetry* telemetry, std::uint64_t seed,
           Handler handler);

  // Lists (two requests), then watches until the world ends.
  Task<> Run() { return follower_.Run(); }

  ItemPtr OwnerNamed(const std::string& resource_name) const;  // null: none
  // In order of name.
  std::vector<controllers::Dependent> DependentsOf(const std::string& owner_uid) const;
  ItemPtr FailedDependent(const std::string& resource_name) const;  // null: it is not held
  std::vector<std::string> OwnerNames() const;
  // Whether the handler is being called for the contents of a list, rather than for a change.
  bool listing() const { return listing_; }
  // Whether everything committed has arrived.
  bool Idle() const { return follower_.CaughtUp(); }
  // The feed's records up to here have arrived.
  std::uint64_t position() const { return follower_.position(); }

 private:
  // Returns false, leaving the cache unchanged, if the store could not be read.
  Task<bool> List(std::uint64_t* position);
  FeedFollower::Handlers MakeHandlers();
  Result<std::vector<ItemPtr>> ReadAll(const std::string& type) const;
  // Updates the cache; the caller calls the handler.
  void Keep(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);

  EventLoop& event_loop_;
  Store& store_;
  ApiServer& server_;
  const ClassicProfile& profile_;
  const controllers::Promises& promises_;
  Telemetry* const telemetry_;
  Random random_;
  const Handler handler_;
  bool listing_ = false;
  std::map<std::string, ItemPtr> owners_;
  std::map<std::string, std::map<std::string, OwnedResource>> dependents_;  // owner uid, name
  std::map<std::string, ItemPtr> failed_;                                   // dependents, by name
  FeedFollower follower_;
};

}  // namespace kless::control_planes
