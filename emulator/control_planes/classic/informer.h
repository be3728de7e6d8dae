// Informer: the cache of a classic controller, filled by a list and kept up to date by a watch.
//
// Holds every Job and, per owner, the row of each pod; whole are those that have failed and are not
// counted yet, for a podFailurePolicy to judge.  A record arrives watch_delivery after it
// was written, in order.  Handlers run after the cache has changed; null images as in ChangeRecord.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/feed_follower.h"
#include "functions/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class Informer {
 public:
  using Handler =
      std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image)>;
  // All references outlive it.  telemetry may be null.
  Informer(Scheduler& scheduler, Store& store, ApiServer& server, const ClassicProfile& profile,
           Telemetry* telemetry, std::uint64_t seed, Handler handler);

  // Lists (two requests), then watches until the world ends.
  Task<> Run() { return follower_.Run(); }

  ItemPtr Job(const std::string& resource_name) const;  // null: none
  // In name order.
  std::vector<OwnedResource> PodsOf(const std::string& owner_uid) const;
  ItemPtr FailedPod(const std::string& resource_name) const;  // null: not among those held
  std::vector<std::string> JobNames() const;
  // The handler is called for what a list shows, not for a change.
  bool listing() const { return listing_; }
  // Everything that is committed has arrived.
  bool Idle() const { return follower_.CaughtUp(); }
  // The feed's records up to here have arrived.
  std::uint64_t position() const { return follower_.position(); }

 private:
  // False: the store could not be read; the cache is as it was.
  Task<bool> List(std::uint64_t* position);
  FeedFollower::Handlers MakeHandlers();
  Result<std::vector<ItemPtr>> ReadAll(const char* type) const;
  // In the cache; the handler is the caller's business.
  void Keep(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);

  Scheduler& scheduler_;
  Store& store_;
  ApiServer& server_;
  const ClassicProfile& profile_;
  Telemetry* const telemetry_;
  Random random_;
  const Handler handler_;
  bool listing_ = false;
  std::map<std::string, ItemPtr> jobs_;
  std::map<std::string, std::map<std::string, OwnedResource>> pods_;  // owner uid, name
  std::map<std::string, ItemPtr> failed_;                             // pods, by name
  FeedFollower follower_;
};

}  // namespace kless::control_planes
