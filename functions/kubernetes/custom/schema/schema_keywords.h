// Rules for the schemas of a CustomResourceDefinition, in addition to being structural.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `field` is the path of openAPIV3Schema.  Schemas below allOf, anyOf, oneOf and not are checked,
// too.
FieldErrors ValidateKeywords(const nlohmann::json& schema, const std::string& field);

// The API server's message about a keyword that it cannot decode; "" if there is none.
std::string UnreadableKeyword(const nlohmann::json& schema);

}  // namespace kless::kubernetes
