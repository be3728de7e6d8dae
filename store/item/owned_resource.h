// OwnedResource: what the owner index knows of a dependent.
#pragma once

#include <cstdint>
#include <string>

#include "store/item/item.h"
#include "store/item/resource_fields.h"

namespace kless {

// One row of the owner index, with enough to reconcile an owner without parsing its dependents.
struct OwnedResource {
  std::string name;  // resource name, "namespace/name"
  std::string uid;
  std::uint64_t version = 0;
  PodPhase phase = PodPhase::kNone;
  bool ready = false;
  bool deleting = false;
  bool tracked = false;
  bool scheduled = false;  // spec.nodeName is set
  int completion_index = -1;
  // As in ResourceFields.
  int index_failures = 0;
  int index_ignored = 0;
  int restarts = 0;
  std::int64_t finished_at = 0;
};
// Builds the row of an item that has fields.
OwnedResource MakeOwnedResource(std::string name, const Item& item);

}  // namespace kless
