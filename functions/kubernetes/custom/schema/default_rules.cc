#include "functions/kubernetes/custom/schema/default_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/kubernetes/custom/schema/schema_validation.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool IsOfMetadata(const std::string& name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

// Whether pruning leaves a value unchanged.  A null `schema` means that no members are known.
// `open`: the list that contains the value keeps unknown members.
bool IsPruned(const StructuralSchema* schema, bool embedded, bool open, const json& value) {
  open = open || (schema != nullptr && schema->preserves_unknown);
  const auto below = [](const StructuralSchema* type, bool in_open, const json& part) {
    return IsPruned(type, type != nullptr && type->embedded, in_open, part);
  };
  if (value.is_array()) {
    const StructuralSchema* items = schema == nullptr ? nullptr : schema->items.get();
    if (open && items == nullptr) return true;
    return std::all_of(value.begin(), value.end(),
                       [&](const json& element) { return below(items, open, element); });
  }
  if (!value.is_object()) return true;
  if (schema == nullptr) return value.empty();
  for (const auto& [name, member] : value.items()) {
    if (embedded && IsOfMetadata(name)) continue;
    const auto property = schema->properties.find(name);
    if (property != schema->properties.end()) {
      if (!below(property->second.get(), false, member)) return false;
    } else if (schema->additional != nullptr || schema->additional_any) {
      if (!below(schema->additional.get(), false, member)) return false;
    } else if (!open) {
      return false;
    }
  }
  return true;
}

class Defaults {
 public:
  explicit Defaults(FieldErrors& errors) : errors_(errors) {}

  // `whole`: the schema is that of an object with apiVersion, kind and metadata; `in_metadata`: it
  // is inside of these.
  void Check(const StructuralSchema& schema, const std::string& field, bool whole,
             bool in_metadata) {
    if (whole) in_metadata = false;
    if (schema.default_value != nullptr) CheckValue(schema, field + ".default", whole, in_metadata);
    // Defaults in additionalProperties are not checked.
    if (schema.items != nullptr) {
      Check(*schema.items, field + ".items", schema.items->embedded, in_metadata);
    }
    for (const auto& [name, property] : schema.properties) {
      Check(*property, field + ".properties[" + name + "]", property->embedded,
            in_metadata || (whole && IsOfMetadata(name)));
    }
  }

 private:
  void CheckValue(const StructuralSchema& schema, const std::string& field, bool whole,
                  bool in_metadata) {
    const json& value = *schema.default_value;
    if (!in_metadata && !IsPruned(&schema, whole, false, value)) {
      errors_.push_back(Invalid(field, value, "must not have unknown fields"));
    }
    FieldErrors problems = ValidateEmbedded(schema, value, field);
    if (problems.empty()) {
      problems = ValidateSchema(schema, value, "");
      for (FieldError& problem : problems) {
        const bool self = problem.field.empty() || problem.field == "<nil>";
        problem.field = self ? field : field + "." + problem.field;
      }
    }
    for (FieldError& problem : problems) errors_.push_back(std::move(problem));
  }

  FieldErrors& errors_;
};

}  // namespace

FieldErrors ValidateDefaults(const StructuralSchema& schema, const std::string& field) {
  FieldErrors errors;
  Defaults(errors).Check(schema, field, true, false);
  return errors;
}

}  // namespace kless::kubernetes
