// What the defaults of a schema must be.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go
#pragma once

#include <string>

#include "functions/kubernetes/custom/structural_schema.h"
#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// Of the schema of a whole object: each default is a value as its schema wants it and has no
// members that would be pruned.  field: of the schema.
FieldErrors ValidateDefaults(const StructuralSchema& schema, const std::string& field);

}  // namespace kless::kubernetes
