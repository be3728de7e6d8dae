// PriorityClass (scheduling.k8s.io/v1): rules, and the two classes that the system reserves.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/priority_classes.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/scheduling/types.go
constexpr std::int64_t kHighestUserPriority = 1'000'000'000;
constexpr std::string_view kSystemPrefix = "system-";

void ApplyPriorityClassDefaults(json& object) {
  if (!object.is_object()) return;
  SetDefault(object, "value", 0);
  SetDefault(object, "preemptionPolicy", "PreemptLowerPriority");
}

// Returns why an object with the system's prefix is not one of the system's classes.
std::string SystemProblem(const json& object, const std::string& name) {
  for (const auto& [known, value] : SystemPriorityClasses()) {
    if (known != name) continue;
    if (IntegerAt(object, "value") != value) {
      return "value of " + name + " PriorityClass must be " + std::to_string(value);
    }
    if (BoolAt(object, "globalDefault")) {
      return "globalDefault of " + name + " PriorityClass must be false";
    }
    return "";
  }
  return name + " is not a known system priority class";
}

FieldErrors ValidatePriorityClass(const json& object) {
  FieldErrors errors;
  const std::string name = StringAt(object, {"metadata", "name"});
  if (name.starts_with(kSystemPrefix)) {
    const std::string problem = SystemProblem(object, name);
    if (!problem.empty()) {
      errors.push_back(Forbidden("metadata.name",
                                 "priority class names with 'system-' prefix are reserved for "
                                 "system use only. error: " +
                                     problem));
    }
  } else if (IntegerAt(object, "value").value_or(0) > kHighestUserPriority) {
    errors.push_back(Forbidden("value", "maximum allowed value of a user defined priority is " +
                                            std::to_string(kHighestUserPriority)));
  }
  const std::string policy = StringAt(object, "preemptionPolicy");
  if (policy.empty()) {
    errors.push_back(Required("preemptionPolicy", ""));
  } else if (policy != "Never" && policy != "PreemptLowerPriority") {
    errors.push_back(NotSupported("preemptionPolicy", policy, {"Never", "PreemptLowerPriority"}));
  }
  return errors;
}

FieldErrors ValidatePriorityClassUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : ValidatePriorityClass(object)) errors.push_back(std::move(error));
  if (IntegerAt(object, "value") != IntegerAt(old, "value")) {
    errors.push_back(Forbidden("value", "may not be changed in an update."));
  }
  const json policy = ValueOrNull(object, "preemptionPolicy");
  if (policy != ValueOrNull(old, "preemptionPolicy")) {
    errors.push_back(Immutable("preemptionPolicy", policy));
  }
  return errors;
}

// There is one default.
std::optional<std::string> AdmitPriorityClass(json& object, const WriteContext& context) {
  if (context.stored == nullptr || !BoolAt(object, "globalDefault")) return std::nullopt;
  const auto other = FindPriorityClass(*context.stored, "");
  if (other == nullptr) return std::nullopt;
  const std::string name = StringAt(*other, {"metadata", "name"});
  if (name == StringAt(object, {"metadata", "name"})) return std::nullopt;
  return "PriorityClass " + name + " is already marked as default. Only one default can exist";
}

std::vector<std::string> HeldByPriorityClass(const json& object) {
  if (!BoolAt(object, "globalDefault")) return {};
  return {kGlobalDefault};
}

}  // namespace

Kind PriorityClassKind() {
  Kind kind;
  kind.group = "scheduling.k8s.io";
  kind.version = "v1";
  kind.kind = "PriorityClass";
  kind.plural = "priorityclasses";
  kind.singular = "priorityclass";
  kind.short_names = {"pc"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = kPriorityClassType;
  kind.create_on_update = true;
  kind.namespaced = false;
  kind.has_generation = true;
  kind.apply_defaults = ApplyPriorityClassDefaults;
  kind.admit = AdmitPriorityClass;
  kind.held_values = HeldByPriorityClass;
  kind.validate = ValidatePriorityClass;
  kind.validate_update = ValidatePriorityClassUpdate;
  return kind;
}

}  // namespace kless::kubernetes
