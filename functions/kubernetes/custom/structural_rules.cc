#include "functions/kubernetes/custom/structural_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/kubernetes/custom/schema_graph.h"
#include "functions/kubernetes/custom/schema_validation.h"
#include "functions/kubernetes/custom/structural_schema.h"
#include "functions/kubernetes/field_validation.h"
#include "functions/kubernetes/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

const std::vector<std::string> kTypes = {"array",  "boolean", "integer",
                                         "number", "object",  "string"};

class Structure {
 public:
  explicit Structure(FieldErrors& errors) : errors_(errors) {}

  // root: of a whole object.
  void Check(const json& schema, const std::string& field, bool root) {
    CheckUnsupported(schema, field);
    CheckType(schema, field, root);
    CheckExtensions(schema, field);
    CheckPattern(schema, field);
    CheckDefault(schema, field);
    CheckMembers(schema, field);
    for (const char* junctor : {"allOf", "anyOf", "oneOf"}) {
      const json* schemas = Find(schema, junctor);
      for (std::size_t i = 0; i < SizeOf(schemas); ++i) {
        CheckValueOnly((*schemas)[i], field + "." + junctor + "[" + std::to_string(i) + "]");
      }
    }
    if (const json* negated = Find(schema, "not")) CheckValueOnly(*negated, field + ".not");
    if (root) CheckMetadata(FindOrEmpty(schema, {"properties", "metadata"}), field);
  }

 private:
  void CheckUnsupported(const json& schema, const std::string& field) {
    for (const char* key :
         {"$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"}) {
      if (Find(schema, key) != nullptr) {
        errors_.push_back(Forbidden(field + "." + key, std::string(key) + " is not supported"));
      }
    }
    if (BoolAt(schema, "uniqueItems")) {
      errors_.push_back(Forbidden(field + ".uniqueItems",
                                  "uniqueItems cannot be set to true since the runtime complexity "
                                  "becomes quadratic"));
    }
    const json* additional = Find(schema, "additionalProperties");
    if (additional == nullptr) return;
    if (additional->is_boolean() && !additional->get<bool>()) {
      errors_.push_back(Forbidden(field + ".additionalProperties",
                                  "additionalProperties cannot be set to false"));
    }
    const json& properties = FindOrEmpty(schema, "properties");
    if (properties.is_object() && !properties.empty()) {
      errors_.push_back(Forbidden(field + ".additionalProperties",
                                  "additionalProperties and properties are mutual exclusive"));
    }
  }

  void CheckType(const json& schema, const std::string& field, bool root) {
    const std::string type = StringAt(schema, "type");
    const bool int_or_string = BoolAt(schema, "x-kubernetes-int-or-string");
    if (int_or_string) {
      if (!type.empty()) {
        errors_.push_back(
            Forbidden(field + ".type", "must be empty if x-kubernetes-int-or-string is true"));
      }
      return;
    }
    if (type.empty()) {
      if (root) {
        errors_.push_back(Required(field + ".type", "must not be empty at the root"));
      } else if (!BoolAt(schema, "x-kubernetes-preserve-unknown-fields")) {
        errors_.push_back(
            Required(field + ".type", field.ends_with(".items")
                                          ? "must not be empty for specified array items"
                                          : "must not be empty for specified object fields"));
      }
      return;
    }
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      errors_.push_back(NotSupported(field + ".type", type, kTypes));
    } else if (root && type != "object") {
      errors_.push_back(Invalid(field + ".type", type, "must be object at the root"));
    }
    if (type == "array" && Find(schema, "items") == nullptr) {
      errors_.push_back(Required(field + ".items", "must be specified"));
    }
  }

  void CheckExtensions(const json& schema, const std::string& field) {
    const std::string type = StringAt(schema, "type");
    if (BoolAt(schema, "x-kubernetes-embedded-resource") && type != "object") {
      errors_.push_back(Invalid(field + ".type", type,
                                "must be object if x-kubernetes-embedded-resource is true"));
    }
    if (const json* preserve = Find(schema, "x-kubernetes-preserve-unknown-fields")) {
      if (preserve->is_boolean() && !preserve->get<bool>()) {
        errors_.push_back(Invalid(field + ".x-kubernetes-preserve-unknown-fields", false,
                                  "must be true or undefined"));
      }
    }
    const std::string list_type = StringAt(schema, "x-kubernetes-list-type");
    const std::string list_field = field + ".x-kubernetes-list-type";
    if (!list_type.empty() && list_type != "atomic" && list_type != "set" && list_type != "map") {
      errors_.push_back(NotSupported(list_field, list_type, {"atomic", "map", "set"}));
    }
    if (!list_type.empty() && type != "array") {
      errors_.push_back(
          Invalid(field + ".type", type, "must be array if x-kubernetes-list-type is specified"));
    }
    const json* keys = Find(schema, "x-kubernetes-list-map-keys");
    const std::string keys_field = field + ".x-kubernetes-list-map-keys";
    if (list_type == "map" && SizeOf(keys) == 0) {
      errors_.push_back(Required(keys_field, "must not be empty if x-kubernetes-list-type is map"));
    } else if (list_type != "map" && SizeOf(keys) > 0) {
      errors_.push_back(
          Forbidden(keys_field, "must be empty if x-kubernetes-list-type is not map"));
    }
    if (list_type == "map") CheckKeys(FindOrEmpty(schema, "items"), keys, field + ".items");
    const std::string map_type = StringAt(schema, "x-kubernetes-map-type");
    if (!map_type.empty() && map_type != "atomic" && map_type != "granular") {
      errors_.push_back(
          NotSupported(field + ".x-kubernetes-map-type", map_type, {"atomic", "granular"}));
    }
  }

  // A key of a list is always there: required, or with a default.
  void CheckKeys(const json& items, const json* keys, const std::string& field) {
    const json* required = Find(items, "required");
    for (std::size_t i = 0; i < SizeOf(keys); ++i) {
      if (!(*keys)[i].is_string()) continue;
      const std::string key = (*keys)[i];
      const json* property = Find(FindOrEmpty(items, "properties"), key.c_str());
      if (property == nullptr) {
        errors_.push_back(Invalid(field.substr(0, field.rfind('.')) +
                                      ".x-kubernetes-list-map-keys[" + std::to_string(i) + "]",
                                  key, "must be one of the properties of the items"));
      } else if (!HoldsString(required, key) && Find(*property, "default") == nullptr) {
        errors_.push_back(Required(
            field + ".properties[" + key + "].default",
            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a "
            "required property"));
      }
    }
  }

  void CheckPattern(const json& schema, const std::string& field) {
    const std::string text = StringAt(schema, "pattern");
    if (text.empty() || Pattern(text).valid()) return;
    errors_.push_back(Invalid(field + ".pattern", text,
                              "must be a valid regular expression, but isn't: not understood"));
  }

  // A default is a value as the schema wants it.
  void CheckDefault(const json& schema, const std::string& field) {
    const json* value = Find(schema, "default");
    if (value == nullptr) return;
    const StructuralSchema::Ptr read = ReadStructuralSchema(schema);
    json filled = *value;
    ApplySchemaDefaults(*read, filled);
    for (FieldError& error : ValidateSchema(*read, filled, field + ".default")) {
      errors_.push_back(std::move(error));
    }
  }

  void CheckMembers(const json& schema, const std::string& field) {
    const json& properties = FindOrEmpty(schema, "properties");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        Check(property, field + ".properties[" + name + "]", false);
      }
    }
    if (const json* items = Find(schema, "items"); items != nullptr && items->is_array()) {
      errors_.push_back(
          Forbidden(field + ".items", "items must be a schema object and not an array"));
    } else if (items != nullptr) {
      Check(*items, field + ".items", false);
    }
    const json* additional = Find(schema, "additionalProperties");
    if (additional != nullptr && additional->is_object()) {
      Check(*additional, field + ".additionalProperties", false);
    }
  }

  // Below a junctor only rules for values stand: the structure is told outside of it.
  void CheckValueOnly(const json& schema, const std::string& field) {
    for (const char* key :
         {"additionalProperties", "default", "description", "nullable", "title", "type",
          "x-kubernetes-embedded-resource", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
          "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields"}) {
      if (Find(schema, key) == nullptr || IsOfIntOrString(schema, key)) continue;
      errors_.push_back(Forbidden(field + "." + key, "must be empty to be structural"));
    }
    CheckPattern(schema, field);
    const json& properties = FindOrEmpty(schema, "properties");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        CheckValueOnly(property, field + ".properties[" + name + "]");
      }
    }
    if (const json* items = Find(schema, "items")) CheckValueOnly(*items, field + ".items");
    for (const char* junctor : {"allOf", "anyOf", "oneOf"}) {
      const json* schemas = Find(schema, junctor);
      for (std::size_t i = 0; i < SizeOf(schemas); ++i) {
        CheckValueOnly((*schemas)[i], field + "." + junctor + "[" + std::to_string(i) + "]");
      }
    }
  }

  // `anyOf: [{type: integer}, {type: string}]` stands beside x-kubernetes-int-or-string.
  static bool IsOfIntOrString(const json& schema, const std::string& key) {
    const std::string type = StringAt(schema, "type");
    return key == "type" && schema.size() == 1 && (type == "integer" || type == "string");
  }

  // Of metadata only name and generateName may have rules.
  void CheckMetadata(const json& metadata, const std::string& field) {
    const json& properties = FindOrEmpty(metadata, "properties");
    if (!properties.is_object()) return;
    for (const auto& [name, property] : properties.items()) {
      if (name == "name" || name == "generateName") continue;
      errors_.push_back(Forbidden(field + ".properties[metadata]",
                                  "must not specify anything other than name and generateName, but "
                                  "metadata is implicitly specified"));
      return;
    }
  }

  FieldErrors& errors_;
};

}  // namespace

FieldErrors ValidateStructure(const json& schema, const std::string& field) {
  FieldErrors errors;
  Structure(errors).Check(schema, field, true);
  return errors;
}

}  // namespace kless::kubernetes
