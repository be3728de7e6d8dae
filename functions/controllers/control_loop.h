// ControlLoop: a Kubernetes control loop as data and one function, whatever control plane runs it.
//
// A record of the change feed wakes keys; a key is observed through a World and turned into a plan.
// The drivers do the rest: serverless, a function behind an event source mapping; classic, a work
// queue and workers.  Level-triggered: a key may be reconciled at any time and any number of times,
// by two environments at once, and may be told of late.  A new loop is a folder here and an entry
// in loops.cc: see functions/DESIGN.md, "A loop of one's own".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "functions/controllers/plan.h"
#include "functions/controllers/world.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers {

struct Reconciliation {
  // The object that the plan is about: events are about it, and a kUpdate of it without a version
  // is over `item`.  May be empty where no write needs it.
  ResourceId owner;
  ItemPtr item;  // as observed; null: there is none
  Plan plan;
};

struct ControlLoop {
  std::string name;                // of the function: "ttl-after-finished-controller"
  std::string setting;             // its name in `loops`: "ttl"
  std::string component;           // that its events name as their source
  std::vector<std::string> types;  // of the records that may wake it; empty: all
  // Which keys a record concerns.  Null images as in ChangeRecord; an image may be no object.
  std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                     std::vector<std::string>* keys)>
      keys;
  // `memo`: of an earlier plan of this key, "" if none.  See World for how it observes.  Plans of a
  // key without a fence create no objects with generated names.
  std::function<Reconciliation(const std::string& key, const std::string& memo, World& world)>
      reconcile;
  // The name of the fence of a key, "" if it needs none: where plans create objects with generated
  // names, or delete some of several.  Serverless, each creation, deletion and update of such a
  // plan is a transaction with the key's fence (emulator/control_planes/DESIGN.md, "Fences"); null:
  // none.
  std::function<std::string(const std::string& key)> fence;
  int classic_workers = 5;  // of the controller manager
  // Its timers come for ever (supervision of heartbeats): a world in which nothing else waits is at
  // rest.
  bool housekeeping = false;
};

// Every loop but the Job controller and the scheduler, by setting.
const std::vector<ControlLoop>& ControlLoops();

}  // namespace kless::controllers
