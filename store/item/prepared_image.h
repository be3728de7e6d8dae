// PreparedImage: a document together with its fields, from a writer that had both in a tree.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "store/item/resource_fields.h"

namespace kless {

struct PreparedImage {
  std::string document;
  // Those that ExtractResourceFields finds in the document; null: the store extracts them.
  std::shared_ptr<const ResourceFields> fields;
};

// The image of an object that is stored under the resource name "namespace/name" or "name".
PreparedImage PrepareImage(const nlohmann::json& object, std::string_view name);

}  // namespace kless
