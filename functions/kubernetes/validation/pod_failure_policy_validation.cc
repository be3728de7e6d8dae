#include "functions/kubernetes/validation/pod_failure_policy_validation.h"

#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/validation/validation.go
constexpr const char* kFailureRules = "spec.podFailurePolicy.rules";
constexpr std::size_t kMaxFailureRules = 20;
constexpr std::size_t kMaxExitCodes = 255;
constexpr std::size_t kMaxPatterns = 20;

std::string Index(const std::string& field, std::size_t i) {
  return field + "[" + std::to_string(i) + "]";
}

std::set<std::string> ContainerNames(const json& spec) {
  std::set<std::string> names;
  for (const char* key : {"containers", "initContainers"}) {
    const json* containers = Find(spec, {"template", "spec", key});
    for (std::size_t i = 0; i < SizeOf(containers); ++i) {
      names.insert(StringAt((*containers)[i], "name"));
    }
  }
  return names;
}

void ValidateAction(const json& rule, const json& spec, const std::string& field,
                    FieldErrors& errors) {
  const std::string action = StringAt(rule, "action");
  if (action.empty()) {
    errors.push_back(Required(field, R"(valid values: ["Count" "FailIndex" "FailJob" "Ignore"])"));
  } else if (action == "FailIndex") {
    if (Find(spec, "backoffLimitPerIndex") == nullptr) {
      errors.push_back(Invalid(field, action, "requires the backoffLimitPerIndex to be set"));
    }
  } else if (action != "Count" && action != "FailJob" && action != "Ignore") {
    errors.push_back(NotSupported(field, action, {"Count", "FailIndex", "FailJob", "Ignore"}));
  }
}

void ValidateExitCodes(const json& codes, const std::string& op, const std::string& field,
                       FieldErrors& errors) {
  if (SizeOf(&codes) == 0) {
    errors.push_back(Invalid(field, json::array(), "at least one value is required"));
  } else if (codes.size() > kMaxExitCodes) {
    errors.push_back(TooMany(field, codes.size(), kMaxExitCodes));
  }
  bool ordered = true;
  std::set<json> seen;
  for (std::size_t i = 0; i < SizeOf(&codes); ++i) {
    if (op == "In" && codes[i] == 0) {
      errors.push_back(Invalid(Index(field, i), 0, "must not be 0 for the In operator"));
    }
    if (!seen.insert(codes[i]).second) errors.push_back(Duplicate(Index(field, i), codes[i]));
    if (i > 0 && codes[i] < codes[i - 1]) ordered = false;
  }
  if (!ordered) errors.push_back(Invalid(field, codes, "must be ordered"));
}

void ValidateOnExitCodes(const json& requirement, const std::set<std::string>& containers,
                         const std::string& field, FieldErrors& errors) {
  const std::string op = StringAt(requirement, "operator");
  if (op.empty()) {
    errors.push_back(Required(field + ".operator", R"(valid values: ["In" "NotIn"])"));
  } else if (op != "In" && op != "NotIn") {
    errors.push_back(NotSupported(field + ".operator", op, {"In", "NotIn"}));
  }
  if (const json* name = Find(requirement, "containerName"); name != nullptr && name->is_string()) {
    if (!containers.contains(name->get<std::string>())) {
      errors.push_back(
          Invalid(field + ".containerName", *name,
                  "must be one of the container or initContainer names in the pod template"));
    }
  }
  ValidateExitCodes(ValueOrNull(requirement, "values"), op, field + ".values", errors);
}

void ValidateOnPodConditions(const json& patterns, const std::string& field, FieldErrors& errors) {
  if (patterns.size() > kMaxPatterns) {
    errors.push_back(TooMany(field, patterns.size(), kMaxPatterns));
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string type = StringAt(patterns[i], "type");
    const std::string status = StringAt(patterns[i], "status");
    for (const std::string& problem : LabelKeyProblems(type)) {
      errors.push_back(Invalid(Index(field, i) + ".type", type, problem));
    }
    if (status.empty()) {
      errors.push_back(
          Required(Index(field, i) + ".status", R"(valid values: ["False" "True" "Unknown"])"));
    } else if (status != "False" && status != "True" && status != "Unknown") {
      errors.push_back(
          NotSupported(Index(field, i) + ".status", status, {"False", "True", "Unknown"}));
    }
  }
}

void ValidateFailureRule(const json& rule, const json& spec,
                         const std::set<std::string>& containers, const std::string& field,
                         FieldErrors& errors) {
  ValidateAction(rule, spec, field + ".action", errors);
  const json* exit_codes = Find(rule, "onExitCodes");
  const json* patterns = Find(rule, "onPodConditions");
  const bool has_patterns = SizeOf(patterns) > 0;
  if (exit_codes != nullptr) {
    ValidateOnExitCodes(*exit_codes, containers, field + ".onExitCodes", errors);
  }
  if (has_patterns) ValidateOnPodConditions(*patterns, field + ".onPodConditions", errors);
  if (exit_codes != nullptr && has_patterns) {
    errors.push_back(
        InvalidAs(field, "", "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (exit_codes == nullptr && !has_patterns) {
    errors.push_back(
        InvalidAs(field, "", "specifying one of OnExitCodes and OnPodConditions is required"));
  }
}

}  // namespace

void ValidatePodFailurePolicy(const json& policy, const json& spec, FieldErrors& errors) {
  const json* rules = Find(policy, "rules");
  if (SizeOf(rules) > kMaxFailureRules)
    errors.push_back(TooMany(kFailureRules, rules->size(), kMaxFailureRules));
  const std::set<std::string> containers = ContainerNames(spec);
  for (std::size_t i = 0; i < SizeOf(rules); ++i) {
    ValidateFailureRule((*rules)[i], spec, containers, Index(kFailureRules, i), errors);
  }
}

}  // namespace kless::kubernetes
