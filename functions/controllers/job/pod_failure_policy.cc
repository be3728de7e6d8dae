#include "functions/controllers/job/pod_failure_policy.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

const json& ArrayAt(const json& object, const char* key) {
  static const json kEmpty = json::array();
  const json* found = Find(object, key);
  return found != nullptr && found->is_array() ? *found : kEmpty;
}

bool HoldsNumber(const json& values, std::int64_t number) {
  for (const json& value : values) {
    if (value.is_number_integer() && value == number) return true;
  }
  return false;
}

bool MatchesExitCode(const json& requirement, std::int64_t exit_code) {
  const bool listed = HoldsNumber(ArrayAt(requirement, "values"), exit_code);
  const std::string op = StringAt(requirement, "operator");
  if (op == "In") return listed;
  return op == "NotIn" && !listed;
}

// A container that ended with an exit code of the rule.
struct ExitedContainer {
  std::string name;
  std::int64_t exit_code = 0;
};

// Checks normal containers first, then init containers; exit code 0 is not a failure.
std::optional<ExitedContainer> FindExit(const json& requirement, const json& status) {
  const std::string wanted = StringAt(requirement, "containerName");
  for (const char* key : {"containerStatuses", "initContainerStatuses"}) {
    for (const json& container : ArrayAt(status, key)) {
      const std::string name = StringAt(container, "name");
      if (!wanted.empty() && name != wanted) continue;
      const auto code = IntegerAt(container, {"state", "terminated", "exitCode"});
      if (code && *code != 0 && MatchesExitCode(requirement, *code)) return {{name, *code}};
    }
  }
  return std::nullopt;
}

// The type of the pod's first condition that matches a pattern of the rule; "" if none does.
std::string MatchedCondition(const json& patterns, const json& status) {
  for (const json& condition : ArrayAt(status, "conditions")) {
    for (const json& pattern : patterns) {
      const std::string type = StringAt(pattern, "type");
      // A pattern without a status means "True" (A11).
      std::string holds = StringAt(pattern, "status");
      if (holds.empty()) holds = "True";
      if (!type.empty() && StringAt(condition, "type") == type &&
          StringAt(condition, "status") == holds) {
        return type;
      }
    }
  }
  return "";
}

// Returns why the rule matches, without the end of the sentence; "" if it does not.
std::string Match(const json& rule, const std::string& pod_name, const json& status) {
  if (const json* requirement = Find(rule, "onExitCodes")) {
    const auto exited = FindExit(*requirement, status);
    if (!exited) return "";
    return "Container " + exited->name + " for pod " + pod_name + " failed with exit code " +
           std::to_string(exited->exit_code);
  }
  const std::string type = MatchedCondition(ArrayAt(rule, "onPodConditions"), status);
  return type.empty() ? "" : "Pod " + pod_name + " has condition " + type;
}

}  // namespace

PodJudgement JudgeFailure(const JobView& job, const std::string& pod_name, const json& pod) {
  const json* policy = Find(*job.document, {"spec", "podFailurePolicy"});
  const json* status = Find(pod, "status");
  if (policy == nullptr || status == nullptr) return {};
  int index = 0;
  for (const json& rule : ArrayAt(*policy, "rules")) {
    const std::string why = Match(rule, pod_name, *status);
    const std::string action = why.empty() ? "" : StringAt(rule, "action");
    if (action == "Ignore") return {PodFailure::kIgnored, ""};
    if (action == "FailIndex") return {PodFailure::kFailsIndex, ""};
    if (action == "Count") return {};
    if (action == "FailJob") {
      return {PodFailure::kFailsJob,
              why + " matching FailJob rule at index " + std::to_string(index)};
    }
    ++index;
  }
  return {};
}

}  // namespace kless::controllers
