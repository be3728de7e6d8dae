// Rules for CustomResourceDefinitions, with the API server's messages.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Validates a definition that is created, except for its metadata.  The definition must have its
// defaults.
FieldErrors ValidateDefinition(const nlohmann::json& definition);
// Validates a stored definition: any error keeps it from being served.
FieldErrors ValidateServedDefinition(const nlohmann::json& definition);
// Validates an update: its metadata, the rules for a create, and the fields that must not change.
FieldErrors ValidateDefinitionUpdate(const nlohmann::json& definition, const nlohmann::json& old);

}  // namespace kless::kubernetes
