// CustomResourceDefinitions as kinds: made at run time, but used like the built-in ones.
//
// Objects are stored in the definition's storage version, whatever version they are written in;
// conversion changes the apiVersion and prunes (strategy None).  The resource-type of a custom kind
// is the name of its definition: "widgets.example.com".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

constexpr const char* kDefinitionType = "customresourcedefinition";

// The kinds of the served versions, the preferred one first.  `definition` must have its defaults
// and no errors (ValidateDefinition); the kinds share what they need of it.
std::vector<KindPtr> KindsOfDefinition(const nlohmann::json& definition);

// Whether version a comes before b: v2 before v1 before v1beta2 before v1alpha1 before others by
// name.  https://github.com/kubernetes/apimachinery/blob/v0.36.2/pkg/version/helpers.go
bool VersionBefore(std::string_view a, std::string_view b);

}  // namespace kless::kubernetes
