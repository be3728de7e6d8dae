// Promises: the capability of a loop whose owners remember the names of their dependents.
//
// The keys of such a loop are the names of its owners.  A driver observes an owner together with
// its dependents, and keeps the names of those that a plan creates until the plan's writes settle
// them: serverless in an intent (emulator/control_planes/intent.h), classic in expectations.  A Job
// is such an owner: its pods end once and are counted once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

namespace kless::controllers {

struct OwnerObservation {
  ItemPtr owner;  // its item, raw or defaulted
  // With its uid as their controller, in order of name; those deleted and gone are absent.
  std::vector<Dependent> dependents;
  std::int64_t unix_nanos = 0;  // the current time
  Random* random = nullptr;     // only for the uid of a raw owner
  std::string memo;             // of an earlier plan; "": none
  // If `may_adopt` holds: the dependents of the owner's namespace that have no controller, with
  // `item`, in any order.
  std::vector<Dependent> orphans;
};

struct Promises {
  std::string owner_type;      // "job"
  std::string dependent_type;  // "pod"
  // The names of the dependents that must be read whole before the owner can be reconciled
  // (Dependent::item), in order of name.
  std::vector<std::string> (*to_read)(const Item& owner,
                                      const std::vector<Dependent>& dependents) = nullptr;
  // Whether there may be dependents to adopt.
  bool (*may_adopt)(const Item& owner) = nullptr;
  // Whether the owner is being deleted and leaves its dependents behind.
  bool (*is_being_orphaned)(const Item& owner) = nullptr;
  // Never fails.  It may complete the observation.
  Plan (*reconcile)(OwnerObservation& observed) = nullptr;
  // For an owner that is being orphaned, and its dependents that exist.
  Plan (*reconcile_orphaned)(const Item& owner, const std::vector<Dependent>& dependents) = nullptr;
  // For an owner that is gone; `last` is its last image, or has at least its uid.
  Plan (*reconcile_gone)(const Item& last, const std::vector<Dependent>& dependents) = nullptr;
};

// The uid that the owner's dependents carry; "" for a raw object that has none yet.
std::string OwnerUid(const Item& owner);

}  // namespace kless::controllers
