// Validates a value against a structural schema, with the API server's messages.
// https://github.com/kubernetes/kube-openapi/tree/master/pkg/validation
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `path` is that of the value, "spec.size", or "" for the object itself.  `old` is the value that
// it replaces; unchanged parts are not checked.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/ratcheting.go
FieldErrors ValidateSchema(const StructuralSchema& schema, const nlohmann::json& value,
                           const std::string& path, const nlohmann::json* old = nullptr);

// Checks that embedded resources have an apiVersion, a kind and metadata.
FieldErrors ValidateEmbedded(const StructuralSchema& schema, const nlohmann::json& value,
                             const std::string& path);

// Visits the objects and lists directly below a value that have a type in the schema.
using PartVisitor = std::function<void(const StructuralSchema& schema, const nlohmann::json& part,
                                       const std::string& path)>;
void VisitParts(const StructuralSchema& schema, const nlohmann::json& value,
                const std::string& path, const PartVisitor& visit);

// The path of a member, and of an element.
std::string MemberPath(const std::string& path, const std::string& member);
std::string ElementPath(const std::string& path, std::size_t index);

}  // namespace kless::kubernetes
