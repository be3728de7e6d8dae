// The versions of a CustomResourceDefinition, in the API server's sentences.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// spec: of a definition.  What is the same in all versions (the schema, the subresources, the
// columns, the selectable fields) belongs to the definition: its errors are told without a version
// ("spec.validation.openAPIV3Schema"), by ValidateSharedParts.
FieldErrors ValidateVersions(const nlohmann::json& spec);
FieldErrors ValidateSharedParts(const nlohmann::json& spec);

}  // namespace kless::kubernetes
