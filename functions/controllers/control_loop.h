// ControlLoop: a Kubernetes control loop as data and one coroutine, whatever control plane runs it.
//
// A record of the change feed wakes keys; a key is observed through a World and turned into a plan.
// The drivers do the rest: serverless, a function behind an event source mapping; classic, a work
// queue and workers.  Level-triggered: a key may be reconciled at any time and any number of times,
// by two environments at once, and may be told of late.  A new loop is a folder here and an entry
// in loops.cc: see functions/DESIGN.md, "A loop of one's own".
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/base/task.h"
#include "functions/controllers/plan.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers {

// What a loop may look at.  Serverless: reads of the table, each at its price and strong.  Classic:
// the informer's cache, free.  Lives as long as the reconcile.
class World {
 public:
  virtual ~World() = default;
  virtual Task<Result<ItemPtr>> Get(ResourceId id) = 0;  // kNotFound
  // All resources of a type whose name begins with `prefix` ("namespace/", "" for all), by name.
  virtual Task<Result<std::vector<ItemPtr>>> List(std::string type, std::string prefix) = 0;
  // Resources of any type that name `uid` in their ownerReferences, by type and name.
  virtual Task<Result<std::vector<ResourceId>>> DependentsOf(std::string uid) = 0;
  virtual Task<Result<std::vector<std::string>>> PodsOn(std::string node) = 0;  // names, sorted
  virtual ResourceId IdOf(const Item& item) const = 0;
  virtual std::int64_t UnixNanos() const = 0;
  virtual Random& random() = 0;
};

struct Reconciliation {
  // The object that the plan is about: events are about it, and a kUpdate without a version is over
  // `item`.  May be empty where no write needs it.
  ResourceId owner;
  ItemPtr item;  // as observed; null: there is none
  Plan plan;
};

struct ControlLoop {
  std::string name;     // of the function, and the component of its events: "ttl-after-finished"
  std::string setting;  // its name in `loops`: "ttl"
  std::vector<std::string> types;  // of the records that may wake it; empty: all
  // Which keys a record concerns.  Null images as in ChangeRecord; an image may be no object.
  std::function<void(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                     std::vector<std::string>* keys)>
      keys;
  // `memo`: of an earlier plan of this key, "" if none.  An error is retried with back-off.
  std::function<Task<Result<Reconciliation>>(std::string key, std::string memo, World* world)>
      reconcile;
  int classic_workers = 5;  // of the controller manager
};

// Every loop but the Job controller and the scheduler, in the order of their settings' names.
const std::vector<ControlLoop>& ControlLoops();

}  // namespace kless::controllers
