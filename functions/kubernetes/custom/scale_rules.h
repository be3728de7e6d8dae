// Rules for the members that the subresource scale shows.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Checks the wanted replicas in the spec.
FieldErrors ValidateScaleSpec(const ScalePaths& paths, const nlohmann::json& object);
// Checks the current replicas and the selector in the status.
FieldErrors ValidateScaleStatus(const ScalePaths& paths, const nlohmann::json& object);

}  // namespace kless::kubernetes
