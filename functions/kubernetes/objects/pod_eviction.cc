#include "functions/kubernetes/objects/pod_eviction.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool IsReady(const json& pod) {
  const json* conditions = Find(pod, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    const json& condition = (*conditions)[i];
    if (StringAt(condition, "type") == "Ready") return StringAt(condition, "status") == "True";
  }
  return false;
}

void SetInsufficient(json& status, std::int64_t unix_nanos) {
  json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  json condition = {{"lastTransitionTime", FormatTime(unix_nanos)},
                    {"message", ""},
                    {"observedGeneration", ValueOrNull(status, "observedGeneration")},
                    {"reason", "InsufficientPods"},
                    {"status", "False"},
                    {"type", "DisruptionAllowed"}};
  for (json& old : conditions) {
    if (StringAt(old, "type") != "DisruptionAllowed") continue;
    old = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

}  // namespace

bool EvictionIgnoresBudgets(const json& pod) {
  const std::string phase = StringAt(pod, {"status", "phase"});
  return phase == "Pending" || phase == "Succeeded" || phase == "Failed" ||
         Find(pod, {"metadata", "deletionTimestamp"}) != nullptr;
}

bool BudgetIgnoresPod(const json& budget, const json& pod) {
  if (IsReady(pod)) return false;
  if (StringAt(budget, {"spec", "unhealthyPodEvictionPolicy"}) == "AlwaysAllow") return true;
  const std::int64_t healthy = IntegerAt(budget, {"status", "currentHealthy"}).value_or(0);
  const std::int64_t desired = IntegerAt(budget, {"status", "desiredHealthy"}).value_or(0);
  return desired > 0 && healthy >= desired;
}

std::optional<std::string> TakeDisruption(json& budget, const std::string& pod_name,
                                          std::int64_t unix_nanos) {
  const std::string name = StringAt(budget, {"metadata", "name"});
  json* status = ObjectAt(budget, "status");
  if (status == nullptr) return "The disruption budget " + name + " has no status";
  const std::int64_t observed = IntegerAt(*status, "observedGeneration").value_or(0);
  if (observed < IntegerAt(budget, {"metadata", "generation"}).value_or(0)) {
    return "The disruption budget " + name + " is still being processed by the server.";
  }
  const std::int64_t allowed = IntegerAt(*status, "disruptionsAllowed").value_or(0);
  if (allowed <= 0) {
    const std::int64_t desired = IntegerAt(*status, "desiredHealthy").value_or(0);
    const std::int64_t healthy = IntegerAt(*status, "currentHealthy").value_or(0);
    return "The disruption budget " + name + " needs " + std::to_string(desired) +
           " healthy pods and has " + std::to_string(healthy) + " currently";
  }
  (*status)["disruptionsAllowed"] = allowed - 1;
  if (json* disrupted = ObjectAt(*status, "disruptedPods")) {
    (*disrupted)[pod_name] = FormatTime(unix_nanos);
  }
  if (allowed == 1) SetInsufficient(*status, unix_nanos);
  return std::nullopt;
}

}  // namespace kless::kubernetes
