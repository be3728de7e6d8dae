// The stored object of a path, as writes read it and write it back.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "store/item/item.h"

namespace kless::doors {

// The object of an item, in the version of the kind.
nlohmann::json Decoded(const kubernetes::Kind& kind, const Item& item);
// The object under the path's names, at a version; AsServed adds its defaults.
nlohmann::json AtVersion(const ResourcePath& path, nlohmann::json object, std::uint64_t version);
nlohmann::json AsServed(const ResourcePath& path, nlohmann::json object, std::uint64_t version);

// Reads the stored object; 404 if there is none.
Refusal Load(KubernetesContext& context, const ResourcePath& path, ItemPtr* item,
             nlohmann::json* object);
// Writes it over the version that was read.
Refusal Save(KubernetesContext& context, const ResourcePath& path, const nlohmann::json& object,
             std::uint64_t version);

}  // namespace kless::doors
