// What a CustomResourceDefinition may say in its schemas, beside their being structural.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// field: of openAPIV3Schema.  What stands below allOf, anyOf, oneOf and not is looked at, too.
FieldErrors ValidateKeywords(const nlohmann::json& schema, const std::string& field);

// Which keyword the API server cannot read at all, in its sentence; "": it reads all of them.
std::string UnreadableKeyword(const nlohmann::json& schema);

}  // namespace kless::kubernetes
