// PriorityClasses as admission finds them among the stored objects.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

constexpr const char* kPriorityClassType = "priorityclass";
// What a PriorityClass with globalDefault holds (Kind::held_values).
constexpr const char* kGlobalDefault = "globalDefault";

// The PriorityClass of a name; for "" the one with globalDefault, the lowest if a raw writer has
// stored several.  Null if there is none.
std::shared_ptr<const nlohmann::json> FindPriorityClass(StoredObjects& stored,
                                                        const std::string& name);

}  // namespace kless::kubernetes
