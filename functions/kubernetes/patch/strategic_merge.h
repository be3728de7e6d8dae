// Strategic merge patches: lists are merged by the keys in the schema.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "functions/kubernetes/patch/patch_problem.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// Merges `patch` into `object`.  With a null schema, or for a field without one, objects are merged
// and lists replaced.  Directives: $patch (replace, delete, merge), $retainKeys,
// $setElementOrder/LIST, $deleteFromPrimitiveList/LIST.  Returns the problem with the patch, with
// the API server's codes, or nullopt: malformed directives are 400, unknown ones and missing keys
// 500, lists of lists 422.
std::optional<PatchProblem> StrategicMerge(const Schema* schema, const nlohmann::json& patch,
                                           nlohmann::json& object);

}  // namespace kless::kubernetes
