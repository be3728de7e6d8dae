// The paths of selectable fields, followed through a schema.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace kless::kubernetes {

struct SchemaPath {
  std::string problem;                     // why the path leads nowhere; "": it leads to `schema`
  const nlohmann::json* schema = nullptr;  // valid as long as the given schema
  std::string root;                        // its first member
  std::string text;                        // of all its steps: "spec.labels[a]"
};

// path: ".spec.color"; steps through properties and additionalProperties.
SchemaPath FollowSchemaPath(const nlohmann::json& schema, std::string_view path);

}  // namespace kless::kubernetes
