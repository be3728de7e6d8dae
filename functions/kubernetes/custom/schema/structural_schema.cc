#include "functions/kubernetes/custom/schema/structural_schema.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::vector<std::string> StringsAt(const json& schema, const char* key) {
  std::vector<std::string> strings;
  const json* values = Find(schema, key);
  for (std::size_t i = 0; i < SizeOf(values); ++i) {
    if ((*values)[i].is_string()) strings.push_back((*values)[i]);
  }
  return strings;
}

std::optional<double> NumberAt(const json& schema, const char* key) {
  const json* value = Find(schema, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::vector<StructuralSchema::Ptr> SchemasAt(const json& schema, const char* key) {
  std::vector<StructuralSchema::Ptr> schemas;
  const json* values = Find(schema, key);
  for (std::size_t i = 0; i < SizeOf(values); ++i) {
    schemas.push_back(ReadStructuralSchema((*values)[i]));
  }
  return schemas;
}

StructuralSchema::Value ValueAt(const json& schema, const char* key) {
  const json* value = Find(schema, key);
  return value == nullptr ? nullptr : std::make_shared<const json>(*value);
}

void ReadStructure(const json& schema, StructuralSchema& read) {
  read.type = StringAt(schema, "type");
  read.nullable = BoolAt(schema, "nullable");
  read.int_or_string = BoolAt(schema, "x-kubernetes-int-or-string");
  read.preserves_unknown = BoolAt(schema, "x-kubernetes-preserve-unknown-fields");
  read.embedded = BoolAt(schema, "x-kubernetes-embedded-resource");
  read.list_type = StringAt(schema, "x-kubernetes-list-type");
  read.list_map_keys = StringsAt(schema, "x-kubernetes-list-map-keys");
  read.map_type = StringAt(schema, "x-kubernetes-map-type");
  const json& properties = FindOrEmpty(schema, "properties");
  if (properties.is_object()) {
    for (const auto& [name, property] : properties.items()) {
      read.properties[name] = ReadStructuralSchema(property);
    }
  }
  if (const json* items = Find(schema, "items")) read.items = ReadStructuralSchema(*items);
  if (const json* additional = Find(schema, "additionalProperties")) {
    if (additional->is_object()) {
      read.additional = ReadStructuralSchema(*additional);
    } else {
      read.additional_any = additional->is_boolean() && additional->get<bool>();
    }
  }
  read.default_value = ValueAt(schema, "default");
  if (read.default_value != nullptr) read.default_bytes = JsonBytes(*read.default_value);
}

void ReadRules(const json& schema, StructuralSchema& read) {
  read.enumeration = ValueAt(schema, "enum");
  read.format = StringAt(schema, "format");
  if (const std::string pattern = StringAt(schema, "pattern"); !pattern.empty()) {
    read.pattern = std::make_shared<const Pattern>(pattern);
  }
  read.minimum = NumberAt(schema, "minimum");
  read.maximum = NumberAt(schema, "maximum");
  read.multiple_of = NumberAt(schema, "multipleOf");
  read.exclusive_minimum = BoolAt(schema, "exclusiveMinimum");
  read.exclusive_maximum = BoolAt(schema, "exclusiveMaximum");
  read.min_length = IntegerAt(schema, "minLength");
  read.max_length = IntegerAt(schema, "maxLength");
  read.min_items = IntegerAt(schema, "minItems");
  read.max_items = IntegerAt(schema, "maxItems");
  read.min_properties = IntegerAt(schema, "minProperties");
  read.max_properties = IntegerAt(schema, "maxProperties");
  read.unique_items = BoolAt(schema, "uniqueItems");
  read.required = StringsAt(schema, "required");
  read.all_of = SchemasAt(schema, "allOf");
  read.any_of = SchemasAt(schema, "anyOf");
  read.one_of = SchemasAt(schema, "oneOf");
  if (const json* negated = Find(schema, "not")) read.negated = ReadStructuralSchema(*negated);
}

}  // namespace

StructuralSchema::Ptr ReadStructuralSchema(const json& schema) {
  auto read = std::make_shared<StructuralSchema>();
  ReadStructure(schema, *read);
  ReadRules(schema, *read);
  return read;
}

std::size_t JsonBytes(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return value.get_ref<const std::string&>().size() + 2;
    case json::value_t::array: {
      std::size_t bytes = 2;
      for (const json& element : value) bytes += JsonBytes(element) + 1;
      return bytes;
    }
    case json::value_t::object: {
      std::size_t bytes = 2;
      for (const auto& [name, member] : value.items()) bytes += name.size() + JsonBytes(member) + 4;
      return bytes;
    }
    case json::value_t::boolean:
    case json::value_t::null:
      return 4;
    default:
      return 1;
  }
}

}  // namespace kless::kubernetes
