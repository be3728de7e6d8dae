#include "functions/kubernetes/custom/schema/schema_keywords.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "functions/kubernetes/custom/schema/schema_validation.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kJunctorKeywords[] = {"allOf", "oneOf", "anyOf"};

bool IsEmptySchema(const json* value) { return value == nullptr || value->empty(); }

// The rules that apply to a schema because of its position.
struct Place {
  bool root = false;
  bool in_metadata = false;  // of the object, or of an embedded one
  std::string no_default;    // why there may be no default; "": there may
};

class Keywords {
 public:
  explicit Keywords(FieldErrors& errors) : errors_(errors) {}

  void Check(const json& schema, const std::string& field, const Place& place) {
    if (!schema.is_object() || errors_.size() >= kMaxErrors) return;
    CheckSupported(schema, field, place);
    CheckAdditional(schema, field, place);
    CheckProperties(schema, field, place);
    const Place below = {false, place.in_metadata, place.no_default};
    if (const json* negated = Find(schema, "not")) Check(*negated, field + ".not", below);
    for (const char* junctor : kJunctorKeywords) {
      const json* schemas = Find(schema, junctor);
      for (std::size_t i = 0; i < SizeOf(schemas); ++i) {
        Check((*schemas)[i], ElementPath(field + "." + junctor, i), below);
      }
    }
    const json& definitions = FindOrEmpty(schema, "definitions");
    if (definitions.is_object()) {
      for (const auto& [name, definition] : definitions.items()) {
        Check(definition, field + ".definitions[" + name + "]", below);
      }
    }
    CheckItems(schema, field, below);
    CheckMapType(schema, field);
    CheckListType(schema, field);
    CheckListKeys(schema, field);
    CheckSetsAndMaps(schema, field);
  }

 private:
  void Forbid(const std::string& field, const std::string& detail) {
    errors_.push_back(Forbidden(field, detail));
  }
  // Reports a type that must be another one.
  void RefuseType(const std::string& field, const std::string& type, const std::string& detail) {
    errors_.push_back(type.empty() ? Required(field, detail) : Invalid(field, type, detail));
  }

  void CheckSupported(const json& schema, const std::string& field, const Place& place) {
    const std::vector<std::string> types = {"array",  "boolean", "integer",
                                            "number", "object",  "string"};
    const std::string type = StringAt(schema, "type");
    if (!type.empty() && std::find(types.begin(), types.end(), type) == types.end()) {
      errors_.push_back(NotSupported(field + ".type", type, types));
    }
    if (Find(schema, "default") != nullptr && !place.no_default.empty()) {
      Forbid(field + ".default", "must not be set " + place.no_default);
    }
    const auto unsupported = [&](const char* key, bool there) {
      if (there) Forbid(field + "." + key, std::string(key) + " is not supported");
    };
    unsupported("id", !StringAt(schema, "id").empty());
    unsupported("additionalItems", Find(schema, "additionalItems") != nullptr);
    unsupported("patternProperties", !IsEmptySchema(Find(schema, "patternProperties")));
    unsupported("definitions", !IsEmptySchema(Find(schema, "definitions")));
    unsupported("dependencies", Find(schema, "dependencies") != nullptr);
    unsupported("$ref", Find(schema, "$ref") != nullptr);
    if (type == "null") {
      Forbid(field + ".type", "type cannot be set to null, use nullable as an alternative");
    }
    if (SizeOf(Find(schema, "items")) > 0 && Find(schema, "items")->is_array()) {
      Forbid(field + ".items", "items must be a schema object and not an array");
    }
    if (place.in_metadata && BoolAt(schema, "x-kubernetes-embedded-resource")) {
      Forbid(field + ".x-kubernetes-embedded-resource", "must not be used inside of resource meta");
    }
    if (BoolAt(schema, "uniqueItems")) {
      Forbid(field + ".uniqueItems",
             "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
  }

  void CheckAdditional(const json& schema, const std::string& field, const Place& place) {
    const json* additional = Find(schema, "additionalProperties");
    if (additional == nullptr) return;
    const std::string at = field + ".additionalProperties";
    const bool any = additional->is_boolean() && additional->get<bool>();
    if (!any && !IsEmptySchema(Find(schema, "properties"))) {
      Forbid(at, "additionalProperties and properties are mutual exclusive");
    }
    Place below = {false, place.in_metadata, place.no_default};
    if (place.in_metadata) {
      below.no_default = "inside additionalProperties applying to object metadata";
    }
    Check(*additional, at, below);
  }

  void CheckProperties(const json& schema, const std::string& field, const Place& place) {
    const json& properties = FindOrEmpty(schema, "properties");
    if (!properties.is_object()) return;
    const bool whole = place.root || BoolAt(schema, "x-kubernetes-embedded-resource");
    for (const auto& [name, property] : properties.items()) {
      Place below = {false, place.in_metadata, place.no_default};
      if (whole && (name == "metadata" || name == "kind" || name == "apiVersion")) {
        below.in_metadata = true;
        if (place.root) below.no_default = "in top-level " + name;
      }
      Check(property, field + ".properties[" + name + "]", below);
    }
  }

  void CheckItems(const json& schema, const std::string& field, const Place& place) {
    const json* items = Find(schema, "items");
    if (items == nullptr) return;
    Check(*items, field + ".items", place);
    if (!items->is_array()) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      Check((*items)[i], ElementPath(field + ".items", i), place);
    }
  }

  void CheckMapType(const json& schema, const std::string& field) {
    const json* preserve = Find(schema, "x-kubernetes-preserve-unknown-fields");
    if (preserve != nullptr && preserve->is_boolean() && !preserve->get<bool>()) {
      errors_.push_back(Invalid(field + ".x-kubernetes-preserve-unknown-fields", false,
                                "must be true or undefined"));
    }
    if (Find(schema, "x-kubernetes-map-type") == nullptr) return;
    const std::string type = StringAt(schema, "type");
    if (type != "object") {
      RefuseType(field + ".type", type, "must be object if x-kubernetes-map-type is specified");
    }
    const std::string map_type = StringAt(schema, "x-kubernetes-map-type");
    if (map_type != "atomic" && map_type != "granular") {
      errors_.push_back(
          NotSupported(field + ".x-kubernetes-map-type", map_type, {"atomic", "granular"}));
    }
  }

  void CheckListType(const json& schema, const std::string& field) {
    if (Find(schema, "x-kubernetes-list-type") == nullptr) return;
    const std::string type = StringAt(schema, "type");
    const std::string list_type = StringAt(schema, "x-kubernetes-list-type");
    if (type != "array") {
      RefuseType(field + ".type", type, "must be array if x-kubernetes-list-type is specified");
    } else if (list_type == "set") {
      CheckSetItems(FindOrEmpty(schema, "items"), field + ".items");
    }
    if (list_type != "atomic" && list_type != "set" && list_type != "map") {
      errors_.push_back(
          NotSupported(field + ".x-kubernetes-list-type", list_type, {"atomic", "set", "map"}));
    }
  }

  // The items of a set must have one owner each.
  void CheckSetItems(const json& items, const std::string& field) {
    const std::string detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
    const std::string type = StringAt(items, "type");
    const json* list_type = Find(items, "x-kubernetes-list-type");
    if (type == "array" && list_type != nullptr && *list_type != "atomic") {
      errors_.push_back(Invalid(field + ".x-kubernetes-list-type", *list_type, detail));
    }
    // The value that the API server shows here is that of the list type.
    if (type == "object" && StringAt(items, "x-kubernetes-map-type") != "atomic") {
      errors_.push_back(Invalid(field + ".x-kubernetes-map-type",
                                list_type == nullptr ? json("null") : *list_type, detail));
    }
  }

  void CheckListKeys(const json& schema, const std::string& field) {
    const json* type = Find(schema, "x-kubernetes-list-type");
    const json* keys = Find(schema, "x-kubernetes-list-map-keys");
    const std::string list_type = StringAt(schema, "x-kubernetes-list-type");
    const std::string keys_field = field + ".x-kubernetes-list-map-keys";
    if (SizeOf(keys) > 0 && list_type != "map") {
      const std::string detail = "must be map if x-kubernetes-list-map-keys is non-empty";
      const std::string at = field + ".x-kubernetes-list-type";
      errors_.push_back(type == nullptr ? Required(at, detail) : Invalid(at, list_type, detail));
    }
    if (list_type != "map") return;
    if (SizeOf(keys) == 0) {
      errors_.push_back(Required(keys_field, "must not be empty if x-kubernetes-list-type is map"));
    }
    const json* items = Find(schema, "items");
    if (items == nullptr) {
      errors_.push_back(
          Required(field + ".items", "must have a schema if x-kubernetes-list-type is map"));
    } else if (!items->is_object()) {
      errors_.push_back(Invalid(field + ".items", *items,
                                "must only have a single schema if x-kubernetes-list-type is map"));
    } else if (const std::string item_type = StringAt(*items, "type"); item_type != "object") {
      errors_.push_back(Invalid(field + ".items.type", item_type,
                                "must be object if parent array's x-kubernetes-list-type is map"));
    } else if (keys != nullptr) {
      CheckKeyNames(*items, *keys, field);
    }
  }

  void CheckKeyNames(const json& items, const json& keys, const std::string& field) {
    const std::string keys_field = field + ".x-kubernetes-list-map-keys";
    // Each of these is reported once, since the message shows all keys.
    bool unknown = false;
    bool twice = false;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < SizeOf(&keys); ++i) {
      const std::string key = keys[i].is_string() ? keys[i].get<std::string>() : "";
      const json* property = Find(FindOrEmpty(items, "properties"), key.c_str());
      const std::string type = property == nullptr ? "" : StringAt(*property, "type");
      if (!seen.insert(key).second) {
        twice = true;
      } else if (property == nullptr) {
        unknown = true;
      } else if (type == "array" || type == "object") {
        // The value that the API server shows here is the type of the items.
        errors_.push_back(
            Invalid(field + ".items.properties[" + key + "].type", "object",
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      }
    }
    if (unknown) {
      errors_.push_back(Invalid(keys_field, keys, "entries must all be names of item properties"));
    }
    if (twice) errors_.push_back(Invalid(keys_field, keys, "must not contain duplicate entries"));
  }

  // Keys of a list must be required or have defaults.
  void CheckSetsAndMaps(const json& schema, const std::string& field) {
    const std::string list_type = StringAt(schema, "x-kubernetes-list-type");
    const json& items = FindOrEmpty(schema, "items");
    if ((list_type != "set" && list_type != "map") || !items.is_object()) return;
    const std::string at = field + ".items";
    if (BoolAt(items, "nullable")) {
      Forbid(at + ".nullable", "cannot be nullable when x-kubernetes-list-type is " + list_type);
    }
    if (list_type == "set") return;
    std::set<std::string_view> required;
    if (const json* names = Find(items, "required"); SizeOf(names) > 0) {
      for (const json& name : *names) {
        if (name.is_string()) required.insert(name.get_ref<const std::string&>());
      }
    }
    const json* keys = Find(schema, "x-kubernetes-list-map-keys");
    for (std::size_t i = 0; i < SizeOf(keys); ++i) {
      const std::string key = (*keys)[i].is_string() ? (*keys)[i].get<std::string>() : "";
      const json* property = Find(FindOrEmpty(items, "properties"), key.c_str());
      if (property == nullptr) continue;
      const std::string of_key = at + ".properties[" + key + "]";
      if (!required.contains(key) && Find(*property, "default") == nullptr) {
        errors_.push_back(Required(of_key + ".default",
                                   "this property is in x-kubernetes-list-map-keys, so it must "
                                   "have a default or be a required property"));
      }
      if (BoolAt(*property, "nullable")) {
        Forbid(of_key + ".nullable",
               "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
      }
    }
  }

  FieldErrors& errors_;
};

}  // namespace

FieldErrors ValidateKeywords(const json& schema, const std::string& field) {
  FieldErrors errors;
  Place place;
  place.root = true;
  Keywords(errors).Check(schema, field, place);
  return errors;
}

std::string UnreadableKeyword(const json& schema) {
  if (!schema.is_object()) return "";
  const auto problem = [](const char* key) {
    return std::string("OpenAPIV3Schema '") + key + "' is not supported";
  };
  if (!StringAt(schema, "id").empty()) return problem("id");
  if (!StringAt(schema, "$schema").empty()) return problem("schema");
  if (!StringAt(schema, "$ref").empty()) return problem("$ref");
  for (const char* key : {"patternProperties", "dependencies", "definitions"}) {
    if (!IsEmptySchema(Find(schema, key))) return problem(key);
  }
  if (Find(schema, "additionalItems") != nullptr) return problem("additionalItems");
  const json* preserve = Find(schema, "x-kubernetes-preserve-unknown-fields");
  if (preserve != nullptr && preserve->is_boolean() && !preserve->get<bool>()) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  const json* items = Find(schema, "items");
  if (items != nullptr && items->is_array() && !items->empty()) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  for (const char* key : {"items", "additionalProperties", "not"}) {
    const json* one = Find(schema, key);
    std::string below = one == nullptr ? "" : UnreadableKeyword(*one);
    if (!below.empty()) return below;
  }
  for (const char* key : {"properties", "allOf", "anyOf", "oneOf"}) {
    const json* schemas = Find(schema, key);
    if (schemas == nullptr || !schemas->is_structured()) continue;
    for (const json& one : *schemas) {
      std::string below = UnreadableKeyword(one);
      if (!below.empty()) return below;
    }
  }
  return "";
}

}  // namespace kless::kubernetes
