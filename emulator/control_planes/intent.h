// Intent: which dependents an owner is meant to have, written before they are.
//
// Two execution environments may reconcile one owner at once, and a secondary index may lag;
// neither expectations nor the index can therefore say which creations are already under way.  The
// intent can: names are chosen and added by one conditional write, and a dependent is created only
// in a transaction that checks that the intent has not changed since, and that the name is free.
// Whoever comes next creates what is missing.  A name leaves the intent in the transaction that
// counts or deletes its object, so that no late environment can bring the object back. See
// emulator/control_planes/DESIGN.md, "Exactly once".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/item.h"
#include "store/resources.h"

namespace kless::control_planes {

struct Intent {
  std::string owner_uid;
  // Resource names ("namespace/name"), sorted, unique.
  std::vector<std::string> names;
  // The owner is going: nothing may be created any more.
  bool closed = false;
  // A timer item of the owner was written.
  bool timer = false;
  // Of the item; 0: not written yet.
  std::uint64_t version = 0;

  bool Contains(const std::string& name) const;
  void Add(std::vector<std::string> more);
  void Drop(const std::vector<std::string>& gone);

  // {"owner":"<uid>","closed":true,"timer":true,"names":"<name> <name> ..."}: names without their
  // namespace.
  std::string ToDocument() const;
  // What is no intent reads as an empty one with the item's version: it is written over.
  static Intent FromItem(const Item& item, const std::string& namespace_name);
};

// The resource that holds the intent of an owner in a namespace: type "intent", "namespace/uid".
ResourceId IntentId(const std::string& namespace_name, const std::string& owner_uid);
constexpr const char* kIntentType = "intent";

}  // namespace kless::control_planes
