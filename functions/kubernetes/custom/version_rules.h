// The versions of a CustomResourceDefinition, with the API server's messages.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `spec` is that of a definition.  Parts that are the same in all versions (the schema, the
// subresources, the columns, the selectable fields) belong to the definition: ValidateSharedParts
// reports their errors without a version ("spec.validation.openAPIV3Schema").
FieldErrors ValidateVersions(const nlohmann::json& spec);
FieldErrors ValidateSharedParts(const nlohmann::json& spec);

}  // namespace kless::kubernetes
