// Structural schemas: the openAPIV3Schema of a CustomResourceDefinition, read once.
//
// It says what an object may hold: which members there are (the others are pruned), what they are
// filled with, and what a value must be.  The rules of x-kubernetes-validations (CEL) are not read.
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

#include "functions/kubernetes/custom/pattern.h"

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

  // What a value must be.
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

// Of JSONSchemaProps of any shape: what cannot be read is left out.
StructuralSchema::Ptr ReadStructuralSchema(const nlohmann::json& schema);

// Of a definition or an object so many errors are told: nobody reads more.
constexpr std::size_t kMaxErrors = 200;

// The length of a value as JSON, roughly: a number counts as one byte, and each member and element
// has a comma.
std::size_t JsonBytes(const nlohmann::json& value);

// What an object may be long, its defaults included: a request's body (3 MiB), and room for what
// the API server adds to it.  More than any door stores.
constexpr std::size_t kObjectBytesMax = 4u << 20;

// Fills in defaults, and takes nulls out of members that may not be null and have none.  Ends as
// soon as the value is longer than kObjectBytesMax.
void ApplySchemaDefaults(const StructuralSchema& schema, nlohmann::json& value);

}  // namespace kless::kubernetes
