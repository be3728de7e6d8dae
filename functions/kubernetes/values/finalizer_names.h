// Names of finalizers: the API server's own are short, others have a domain and a path,
// "example.com/hold".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

// Whether it is "kubernetes", "orphan", "foregroundDeletion", or a name with a path.
bool IsStandardOrQualified(std::string_view finalizer);

// The API server's warnings about other finalizers than these in a custom object, if `old` (null:
// there is none) does not have them.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go
std::vector<std::string> FinalizerWarnings(const nlohmann::json& object, const nlohmann::json& old);

}  // namespace kless::kubernetes
