// ResourceId: the name of a Kubernetes resource in the one table.
#pragma once

#include <compare>
#include <string>

namespace kless {

// `type` is the kind in lowercase ("job"); `name` is "namespace/name", or the name for
// cluster-scoped kinds.
struct ResourceId {
  std::string type;
  std::string name;
  auto operator<=>(const ResourceId&) const = default;
};

}  // namespace kless
