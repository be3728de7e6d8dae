// Structural schemas: the openAPIV3Schema of a CustomResourceDefinition, parsed once.
//
// It defines the members of an object (others are pruned), their defaults, and the rules for their
// values.  The rules of x-kubernetes-validations (CEL) are not read.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/custom/schema/pattern.h"

namespace kless::kubernetes {

struct StructuralSchema {
  using Ptr = std::shared_ptr<const StructuralSchema>;
  using Value = std::shared_ptr<const nlohmann::json>;

  std::string type;  // "object", "array", "string", "integer", "number", "boolean"; "": any
  bool nullable = false;
  bool int_or_string = false;      // x-kubernetes-int-or-string
  bool preserves_unknown = false;  // x-kubernetes-preserve-unknown-fields
  bool embedded = false;           // x-kubernetes-embedded-resource
  std::string list_type;           // "atomic", "set", "map"; "": atomic
  std::vector<std::string> list_map_keys;
  std::string map_type;  // "atomic"; else granular
  std::map<std::string, Ptr> properties;
  Ptr items;
  Ptr additional;               // additionalProperties with a schema
  bool additional_any = false;  // additionalProperties: true
  Value default_value;          // null: none
  std::size_t default_bytes = 0;

  // Rules for the value.
  Value enumeration;  // an array; null: none
  std::string format;
  std::shared_ptr<const Pattern> pattern;
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::int64_t> min_length, max_length;  // in characters
  std::optional<std::int64_t> min_items, max_items;
  std::optional<std::int64_t> min_properties, max_properties;
  bool unique_items = false;
  std::vector<std::string> required;
  std::vector<Ptr> all_of, any_of, one_of;
  Ptr negated;
};

// Reads JSONSchemaProps of any shape; invalid parts are skipped.
StructuralSchema::Ptr ReadStructuralSchema(const nlohmann::json& schema);

// The maximum number of errors reported for a definition or an object.
constexpr std::size_t kMaxErrors = 200;

// The approximate length of a value as JSON: a number counts as one byte, and each member and
// element has a comma.
std::size_t JsonBytes(const nlohmann::json& value);

// The maximum length of an object with its defaults: a request's body (3 MiB), plus room for the
// fields that the API server adds.  No door stores larger ones.
constexpr std::size_t kObjectBytesMax = 4u << 20;

}  // namespace kless::kubernetes
