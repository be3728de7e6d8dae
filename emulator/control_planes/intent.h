// Intent: the dependents that an owner is meant to have, written before they are created.
//
// Two execution environments may reconcile one owner at once, and a secondary index may lag; so
// neither expectations nor the index can tell which creations are already in progress.  The intent
// can: names are chosen and added by one conditional write, and a dependent is created only in a
// transaction that checks that the intent has not changed since, and that the name is free.  The
// next reconcile creates missing ones.  A name is removed from the intent in the transaction that
// counts or deletes its object, so that no late environment can recreate the object.  See
// emulator/control_planes/DESIGN.md, "Exactly once".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/resources.h"

namespace kless::control_planes {

struct Intent {
  std::string owner_uid;
  // Resource names ("namespace/name"), sorted, unique.
  std::vector<std::string> names;
  // The owner is being deleted: nothing may be created any more.
  bool closed = false;
  // Whether a timer item of the owner was written.
  bool timer = false;
  // Version of the item; 0: not written yet.
  std::uint64_t version = 0;

  bool Contains(const std::string& name) const;
  void Add(std::vector<std::string> more);
  void Drop(const std::vector<std::string>& gone);

  // {"owner":"<uid>","closed":true,"timer":true,"names":"<name> <name> ..."}, with names without
  // their namespace.
  std::string ToDocument() const;
  // A malformed document is read as an empty intent with the item's version, and so is overwritten.
  static Intent FromItem(const Item& item, const std::string& namespace_name);
};

// The resource that holds the intent of an owner in a namespace: type "intent", "namespace/uid".
ResourceId IntentId(const std::string& namespace_name, const std::string& owner_uid);
constexpr const char* kIntentType = "intent";

}  // namespace kless::control_planes
