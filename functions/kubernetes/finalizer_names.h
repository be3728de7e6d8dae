// How finalizers are called: the API server's own have short names, those of others a domain and a
// path, "example.com/hold".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

// "kubernetes", "orphan", "foregroundDeletion", or a name with a path.
bool IsStandardOrQualified(std::string_view finalizer);

// What the API server says to who writes a custom object with other finalizers than these, of those
// that `old` (null: there is none) does not have.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go
std::vector<std::string> FinalizerWarnings(const nlohmann::json& object, const nlohmann::json& old);

}  // namespace kless::kubernetes
