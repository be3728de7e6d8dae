// Lists that are sets or maps: x-kubernetes-list-type.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Checks that they hold no duplicates; each duplicate is reported once.
FieldErrors ValidateListTypes(const StructuralSchema& schema, const nlohmann::json& value,
                              const std::string& path);

// Identifies an element of a list of type map: its keys, as JSON.
std::string ListMapKey(const StructuralSchema& list, const nlohmann::json& element);

}  // namespace kless::kubernetes
