#include "functions/kubernetes/custom/schema/structural_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/kubernetes/custom/schema/default_rules.h"
#include "functions/kubernetes/custom/schema/pattern.h"
#include "functions/kubernetes/custom/schema/schema_keywords.h"
#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kJunctors[] = {"anyOf", "allOf", "oneOf"};

std::string AtIndex(const std::string& field, const char* key, std::size_t index) {
  return field + "." + key + "[" + std::to_string(index) + "]";
}

std::string AtProperty(const std::string& field, const std::string& name) {
  return field + ".properties[" + name + "]";
}

// Whether Go decodes it to the zero value.
bool IsZeroValue(const json& value) {
  return value.is_null() || value == false || value == "" ||
         (value.is_structured() && value.empty());
}

// The member as a schema; null if there is none.
const json* SchemaAt(const json& schema, const char* key) {
  const json* found = Find(schema, key);
  return found != nullptr && found->is_object() ? found : nullptr;
}

// Whether they are `[{type: integer}, {type: string}]`.
bool IsIntOrString(const json* schemas) {
  if (schemas == nullptr || !schemas->is_array() || schemas->size() != 2) return false;
  const auto is_type = [](const json& schema, const char* type) {
    if (StringAt(schema, "type") != type) return false;
    for (const auto& [key, value] : schema.items()) {
      if (key == "type" || key == "example" || key == "externalDocs") continue;
      if (!IsZeroValue(value)) return false;
    }
    return true;
  };
  return is_type((*schemas)[0], "integer") && is_type((*schemas)[1], "string");
}

class Structure {
 public:
  explicit Structure(FieldErrors& errors) : errors_(errors) {}

  enum class Level { kRoot, kItem, kField };

  // Checks the rules for each schema outside of junctors.
  void Check(const json& schema, Level level, const std::string& field) {
    if (errors_.size() >= kMaxErrors) return;
    CheckMembers(schema, level, field);
    CheckExtensions(schema, field);
    const json* all_of = Find(schema, "allOf");
    const bool first_is_int_or_string =
        SizeOf(all_of) > 0 && IsIntOrString(Find((*all_of)[0], "anyOf"));
    CheckRules(schema, IsIntOrString(Find(schema, "anyOf")), first_is_int_or_string, field);
    CheckType(schema, level, field);
    CheckMetadata(schema, level, field);
    if (BoolAt(schema, "x-kubernetes-embedded-resource") &&
        !BoolAt(schema, "x-kubernetes-preserve-unknown-fields") &&
        FindOrEmpty(schema, "properties").empty()) {
      errors_.push_back(
          Required(field + ".properties",
                   "must not be empty if x-kubernetes-embedded-resource is true without "
                   "x-kubernetes-preserve-unknown-fields"));
    }
  }

  // Checks that everything named below the junctors of `rules` is also in `schema`.
  void CheckComplete(const json& rules, const json& schema, const std::string& field,
                     const std::string& rules_field) {
    if (const json* negated = Find(rules, "not")) {
      CheckNamed(*negated, schema, field, rules_field + ".not");
    }
    for (const char* junctor : {"allOf", "anyOf", "oneOf"}) {
      const json* schemas = Find(rules, junctor);
      for (std::size_t i = 0; i < SizeOf(schemas); ++i) {
        CheckNamed((*schemas)[i], schema, field, AtIndex(rules_field, junctor, i));
      }
    }
  }

 private:
  void Forbid(const std::string& field, const std::string& detail) {
    errors_.push_back(Forbidden(field, detail));
  }

  void CheckMembers(const json& schema, Level level, const std::string& field) {
    const json* items = SchemaAt(schema, "items");
    if (items != nullptr) {
      Check(*items, Level::kItem, field + ".items");
    } else if (StringAt(schema, "type") == "array") {
      errors_.push_back(Required(field + ".items", "must be specified"));
    }
    const json& properties = FindOrEmpty(schema, "properties");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        Check(property, Level::kField, AtProperty(field, name));
      }
    }
    const json* additional = Find(schema, "additionalProperties");
    if (additional == nullptr) return;
    const std::string at = field + ".additionalProperties";
    if (level == Level::kRoot) Forbid(at, "must not be used at the root");
    if (additional->is_object()) Check(*additional, Level::kField, at);
    if (BoolAt(schema, "x-kubernetes-embedded-resource")) {
      Forbid(at, "must not be used if x-kubernetes-embedded-resource is set");
    }
  }

  void CheckExtensions(const json& schema, const std::string& field) {
    if (!BoolAt(schema, "x-kubernetes-int-or-string")) return;
    for (const char* key :
         {"x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"}) {
      if (!BoolAt(schema, key)) continue;
      errors_.push_back(
          Invalid(field + "." + key, true, "must be false if x-kubernetes-int-or-string is true"));
    }
  }

  void CheckType(const json& schema, Level level, const std::string& field) {
    const std::string type = StringAt(schema, "type");
    const std::string at = field + ".type";
    if (BoolAt(schema, "x-kubernetes-embedded-resource") && type != "object") {
      const std::string detail = "must be object if x-kubernetes-embedded-resource is true";
      errors_.push_back(type.empty() ? Required(at, detail) : Invalid(at, type, detail));
    } else if (type.empty() && !BoolAt(schema, "x-kubernetes-int-or-string") &&
               !BoolAt(schema, "x-kubernetes-preserve-unknown-fields")) {
      errors_.push_back(Required(at, level == Level::kRoot ? "must not be empty at the root"
                                     : level == Level::kItem
                                         ? "must not be empty for specified array items"
                                         : "must not be empty for specified object fields"));
    }
    if (level == Level::kRoot && !type.empty() && type != "object") {
      errors_.push_back(Invalid(at, type, "must be object at the root"));
    }
  }

  void CheckMetadata(const json& schema, Level level, const std::string& field) {
    const json& properties = FindOrEmpty(schema, "properties");
    const bool whole = level == Level::kRoot || BoolAt(schema, "x-kubernetes-embedded-resource");
    const auto expect = [&](const char* name, const char* expected) {
      const json* property = Find(properties, name);
      if (!whole || property == nullptr) return;
      const std::string type = StringAt(*property, "type");
      if (type == expected) return;
      errors_.push_back(
          Invalid(AtProperty(field, name) + ".type", type, std::string("must be ") + expected));
    };
    expect("kind", "string");
    expect("apiVersion", "string");
    expect("metadata", "object");
    const json* metadata = Find(properties, "metadata");
    if (level != Level::kRoot || metadata == nullptr || IsPlainMetadata(*metadata)) return;
    Forbid(AtProperty(field, "metadata"),
           "must not specify anything other than name and generateName, but metadata is "
           "implicitly specified");
  }

  // Only the names in an object's metadata may have rules.
  static bool IsPlainMetadata(const json& metadata) {
    for (const auto& [key, value] : metadata.items()) {
      if (key == "type" || key == "default" || key == "example" || key == "externalDocs") continue;
      if (IsZeroValue(value)) continue;
      if (key != "properties") return false;
      for (const auto& [name, property] : value.items()) {
        if (name != "name" && name != "generateName") return false;
      }
    }
    return true;
  }

  // Checks the rules for values, and the schemas below junctors.  `is_int_or_string`: anyOf holds
  // the schemas of an int-or-string, which may have types; `first_is`: the same for the first
  // schema of allOf.
  void CheckRules(const json& schema, bool is_int_or_string, bool first_is,
                  const std::string& field) {
    for (const char* junctor : kJunctors) {
      const bool any_of = junctor == std::string("anyOf");
      if (any_of && is_int_or_string) continue;
      const json* schemas = Find(schema, junctor);
      for (std::size_t i = 0; i < SizeOf(schemas); ++i) {
        CheckNested((*schemas)[i], first_is && i == 0 && junctor == std::string("allOf"),
                    AtIndex(field, junctor, i));
      }
    }
    if (const json* negated = Find(schema, "not")) CheckNested(*negated, false, field + ".not");
    const std::string text = StringAt(schema, "pattern");
    if (text.empty()) return;
    const Pattern pattern(text);
    if (pattern.valid()) return;
    errors_.push_back(
        Invalid(field + ".pattern", text,
                "must be a valid regular expression, but isn't: " + pattern.problem()));
  }

  // Below a junctor there are only rules for values: the structure is defined outside of it.
  void CheckNested(const json& schema, bool is_int_or_string, const std::string& field) {
    CheckRules(schema, is_int_or_string, false, field);
    if (const json* items = SchemaAt(schema, "items")) {
      CheckNested(*items, false, field + ".items");
    }
    const json& properties = FindOrEmpty(schema, "properties");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        CheckNested(property, false, AtProperty(field, name));
      }
      if (properties.contains("metadata")) {
        Forbid(AtProperty(field, "metadata"), "must not be specified in a nested context");
      }
    }
    for (const char* key : {"type", "title", "description", "x-kubernetes-list-map-keys",
                            "x-kubernetes-validations"}) {
      const json* value = Find(schema, key);
      if (value == nullptr || IsZeroValue(*value)) continue;
      Forbid(field + "." + key, "must be empty to be structural");
    }
    for (const char* key :
         {"additionalProperties", "default", "x-kubernetes-list-type", "x-kubernetes-map-type"}) {
      if (Find(schema, key) == nullptr) continue;
      Forbid(field + "." + key, "must be undefined to be structural");
    }
    for (const char* key : {"nullable", "x-kubernetes-preserve-unknown-fields",
                            "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"}) {
      if (BoolAt(schema, key)) Forbid(field + "." + key, "must be false to be structural");
    }
  }

  void CheckNamed(const json& rules, const json& schema, const std::string& field,
                  const std::string& rules_field) {
    CheckComplete(rules, schema, field, rules_field);
    const auto missing = [&](const std::string& member) {
      errors_.push_back(
          Required(field + member, "because it is defined in " + rules_field + member));
    };
    if (const json* items = SchemaAt(rules, "items")) {
      if (const json* outside = SchemaAt(schema, "items")) {
        CheckNamed(*items, *outside, field + ".items", rules_field + ".items");
      } else {
        missing(".items");
      }
    }
    const json& properties = FindOrEmpty(rules, "properties");
    if (!properties.is_object()) return;
    const json& outside = FindOrEmpty(schema, "properties");
    for (const auto& [name, property] : properties.items()) {
      const auto found = outside.find(name);
      if (!outside.is_object() || found == outside.end()) {
        missing(AtProperty("", name));
      } else {
        CheckNamed(property, *found, AtProperty(field, name), AtProperty(rules_field, name));
      }
    }
  }

  FieldErrors& errors_;
};

}  // namespace

FieldErrors ValidateStructure(const json& schema, const std::string& field) {
  FieldErrors errors;
  const std::string unreadable = UnreadableKeyword(schema);
  if (unreadable.empty()) {
    Structure structure(errors);
    structure.Check(schema, Structure::Level::kRoot, field);
    structure.CheckComplete(schema, schema, field, field);
    std::sort(errors.begin(), errors.end(), [](const FieldError& a, const FieldError& b) {
      return a.field + ": " + a.message < b.field + ": " + b.message;
    });
    if (errors.empty()) errors = ValidateDefaults(*ReadStructuralSchema(schema), field);
  }
  for (FieldError& error : ValidateKeywords(schema, field)) errors.push_back(std::move(error));
  if (errors.empty() && !unreadable.empty()) errors.push_back(Invalid(field, "", unreadable));
  return errors;
}

}  // namespace kless::kubernetes
