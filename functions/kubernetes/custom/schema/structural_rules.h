// Rules for structural schemas.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `field` is the path of openAPIV3Schema.
FieldErrors ValidateStructure(const nlohmann::json& schema, const std::string& field);

}  // namespace kless::kubernetes
