#include "functions/kubernetes/custom/scale_rules.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The Go type of a decoded value, as fmt prints it with %T.
std::string GoTypeName(const json& value) {
  if (value.is_object()) return "map[string]interface {}";
  if (value.is_array()) return "[]interface {}";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_null()) return "<nil>";
  return IsInt64(value) ? "int64" : "float64";
}

// The value at a path, or why there cannot be one.
struct Found {
  const json* value = nullptr;  // null: absent
  std::string path;             // ".spec.replicas", as far as it was followed
  bool broken = false;          // a parent is not an object
};

Found Follow(const json& object, const std::vector<std::string>& path) {
  Found found{&object, "", false};
  for (const std::string& name : path) {
    found.path += "." + name;
    if (found.value->is_null()) return {nullptr, found.path, false};
    if (!found.value->is_object()) return {found.value, found.path, true};
    const auto member = found.value->find(name);
    if (member == found.value->end()) return {nullptr, found.path, false};
    found.value = &*member;
  }
  return found;
}

FieldError WrongType(const std::string& field, const json& shown, const Found& found,
                     const std::string& expected) {
  const json& value = *found.value;
  const std::string text =
      value.is_number_float() ? GoFloat(value.get<double>()) : GoMapText(value);
  return Invalid(field, shown,
                 found.path + " accessor error: " + text + " is of the type " + GoTypeName(value) +
                     ", expected " + (found.broken ? "map[string]interface{}" : expected));
}

std::string FieldOf(const std::vector<std::string>& path) {
  std::string field;
  for (const std::string& name : path) field += "." + name;
  return field;
}

void CheckReplicas(const json& object, const std::vector<std::string>& path, FieldErrors& errors) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  const Found found = Follow(object, path);
  if (path.empty() || found.value == nullptr) return;
  const std::string field = FieldOf(path);
  if (found.broken || !IsInt64(*found.value)) {
    errors.push_back(WrongType(field, 0, found, "int64"));
  } else if (*found.value < 0) {
    errors.push_back(Invalid(field, *found.value, "should be a non-negative integer"));
  } else if (*found.value > kMax) {
    errors.push_back(
        Invalid(field, *found.value, "should be less than or equal to " + std::to_string(kMax)));
  }
}

}  // namespace

FieldErrors ValidateScaleSpec(const ScalePaths& paths, const json& object) {
  FieldErrors errors;
  CheckReplicas(object, paths.replicas, errors);
  return errors;
}

FieldErrors ValidateScaleStatus(const ScalePaths& paths, const json& object) {
  FieldErrors errors;
  CheckReplicas(object, paths.current, errors);
  const Found found = Follow(object, paths.selector);
  if (paths.selector.empty() || found.value == nullptr) return errors;
  if (!found.broken && found.value->is_string()) return errors;
  errors.push_back(WrongType(FieldOf(paths.selector), "", found, "string"));
  return errors;
}

}  // namespace kless::kubernetes
