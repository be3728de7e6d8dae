// Whether a value is as a structural schema wants it, in the API server's sentences.
// https://github.com/kubernetes/kube-openapi/tree/master/pkg/validation
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/custom/structural_schema.h"
#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// path: of the value, "spec.size"; "": it is the object itself.  old: the value that it replaces;
// parts of it that are the same are not looked at.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/ratcheting.go
FieldErrors ValidateSchema(const StructuralSchema& schema, const nlohmann::json& value,
                           const std::string& path, const nlohmann::json* old = nullptr);

// Embedded resources say what they are.
FieldErrors ValidateEmbedded(const StructuralSchema& schema, const nlohmann::json& value,
                             const std::string& path);

// The objects and lists right below a value that the schema has a type for.
using PartVisitor = std::function<void(const StructuralSchema& schema, const nlohmann::json& part,
                                       const std::string& path)>;
void VisitParts(const StructuralSchema& schema, const nlohmann::json& value,
                const std::string& path, const PartVisitor& visit);

// A member's path, and an element's.
std::string MemberPath(const std::string& path, const std::string& member);
std::string ElementPath(const std::string& path, std::size_t index);

}  // namespace kless::kubernetes
