// What the members must be that the subresource scale shows.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// Of the spec: the wanted replicas.
FieldErrors ValidateScaleSpec(const ScalePaths& paths, const nlohmann::json& object);
// Of the status: the replicas that there are, and the selector.
FieldErrors ValidateScaleStatus(const ScalePaths& paths, const nlohmann::json& object);

}  // namespace kless::kubernetes
