// Rules for the defaults in a schema.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go
#pragma once

#include <string>

#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Checks the schema of a whole object: each default must be valid for its schema and have no
// members that would be pruned.  `field` is the path of the schema.
FieldErrors ValidateDefaults(const StructuralSchema& schema, const std::string& field);

}  // namespace kless::kubernetes
