// The parts of a resource name, and an item's resource name under any key layout.
#pragma once

#include <string>
#include <string_view>

#include "store/item/item.h"

namespace kless::controllers {

inline std::string NamespacePart(std::string_view resource_name) {
  const std::size_t slash = resource_name.find('/');
  return std::string(resource_name.substr(0, slash == std::string_view::npos ? 0 : slash));
}

inline std::string NamePart(std::string_view resource_name) {
  const std::size_t slash = resource_name.find('/');
  return std::string(slash == std::string_view::npos ? resource_name
                                                     : resource_name.substr(slash + 1));
}

// For a Job's item: type and name are partition and sort key, or the reverse.
inline std::string ResourceNameOf(const Item& job) {
  return job.key.partition == "job" ? job.key.sort : job.key.partition;
}

}  // namespace kless::controllers
