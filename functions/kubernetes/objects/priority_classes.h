// PriorityClasses: those that every cluster has, and how admission finds the stored ones.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

constexpr const char* kPriorityClassType = "priorityclass";
// What a PriorityClass with globalDefault holds (Kind::held_values).
constexpr const char* kGlobalDefault = "globalDefault";

// The PriorityClass of a name; for "" the one with globalDefault, the lowest if a raw writer has
// stored several.  Null if there is none.
std::shared_ptr<const nlohmann::json> FindPriorityClass(StoredObjects& stored,
                                                        const std::string& name);

// The classes that every cluster has, with their values, in the order of their creation.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/scheduling/v1/helpers.go
const std::vector<std::pair<std::string, std::int64_t>>& SystemPriorityClasses();

}  // namespace kless::kubernetes
