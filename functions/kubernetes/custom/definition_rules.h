// What a CustomResourceDefinition must be, in the API server's sentences.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// Of a create: of a definition with its defaults, beside its metadata.
FieldErrors ValidateDefinition(const nlohmann::json& definition);
// The same of a definition that is there already: what keeps it from being served.
FieldErrors ValidateServedDefinition(const nlohmann::json& definition);
// What a change may not change; metadata, and what a create must be, included.
FieldErrors ValidateDefinitionUpdate(const nlohmann::json& definition, const nlohmann::json& old);

}  // namespace kless::kubernetes
