// Strategic merge patches: lists are merged by the keys that the schema names.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

// Merges `patch` into `object`.  A null schema, or a field without one: objects are merged, lists
// replaced.  Directives: $patch (replace, delete, merge), $retainKeys, $setElementOrder/LIST,
// $deleteFromPrimitiveList/LIST.  What is wrong with the patch, or nullopt.
std::optional<std::string> StrategicMerge(const Schema* schema, const nlohmann::json& patch,
                                          nlohmann::json& object);

}  // namespace kless::kubernetes
