// ControlLoop: a Kubernetes control loop as data and one function, for any control plane.
//
// A record of the change feed wakes keys; a key is observed through a World and turned into a plan.
// The drivers do the rest: serverless, a function with an event source mapping; classic, a work
// queue with workers.  Loops are level-triggered: a key may be reconciled at any time and any
// number of times, by two environments at once, and late.  A new loop is a folder here and an entry
// in ../loops.cc: see functions/DESIGN.md, "A loop of your own".
//
// Two capabilities replace `keys` and `reconcile`, each for one loop at present: `promises`, for
// owners that count what they created (Jobs), and `view`, for decisions that need the whole cluster
// at once (the scheduler).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/loop/loop_view.h"
#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/promises.h"
#include "functions/controllers/loop/world.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

struct Reconciliation {
  // The object that the plan is about: events refer to it, and an Update of it without a version
  // replaces `item`.  May be empty if no write needs it.
  ResourceId owner;
  ItemPtr item;  // as observed; null if it does not exist
  Plan plan;
};

struct ControlLoop {
  std::string name;                // of the function: "ttl-after-finished-controller"
  std::string setting;             // its name in `loops`: "ttl"
  std::string component;           // the source that its events name
  std::vector<std::string> types;  // types of the records that may wake it; empty: all
  // Adds the keys that a record concerns.  Images are null as in ChangeRecord; an image may be
  // something other than an object.
  std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                     std::vector<std::string>* keys)>
      keys;
  // `memo` is that of an earlier plan of this key, or "".  See World for how it observes.  Plans of
  // a key without a fence create no objects with generated names.
  std::function<Reconciliation(const std::string& key, const std::string& memo, World& world)>
      reconcile;
  // The name of a key's fence, or "" if the key needs none.  A key needs a fence if its plans
  // create objects with generated names, or delete some of several.  In the serverless control
  // plane each creation, deletion and update of such a plan is a transaction with the key's fence
  // (emulator/control_planes/DESIGN.md, "Fences").  Null: no key has one.
  std::function<std::string(const std::string& key)> fence;
  int classic_workers = 5;  // the default of Kubernetes' controller manager
  // Whether its timers never end (supervision of heartbeats): a world in which only they are left
  // is idle.
  bool housekeeping = false;
  std::optional<Promises> promises = std::nullopt;
  // Makes an empty view; null: the loop has none.
  std::function<std::unique_ptr<LoopView>()> view = nullptr;
};

}  // namespace kless::controllers
