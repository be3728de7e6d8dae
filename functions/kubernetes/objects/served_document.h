// Stored documents as the API serves them: text splices, where possible without parsing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "functions/kubernetes/objects/kind.h"
#include "store/item/item.h"

namespace kless::kubernetes {

// The document as the API serves it: with metadata.resourceVersion = version, and with kind,
// apiVersion, name and namespace from the key, whatever a raw writer omitted.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name);
// The object of a DELETED watch event: the last image with the sequence number of the removal.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name,
                           std::uint64_t version);

}  // namespace kless::kubernetes
