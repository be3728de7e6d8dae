// The status of a Deployment: counters from its ReplicaSets, and the conditions of its progress.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/deployment/progress.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kless::controllers {

bool HasProgressDeadline(const nlohmann::json& deployment);

// Finds or sets a condition of {status: {conditions: [...]}}; null if there is none.
void SetCondition(nlohmann::json& status, const std::string& type, const std::string& value,
                  const std::string& reason, const std::string& message, std::int64_t unix_nanos);
void RemoveCondition(nlohmann::json& status, const std::string& type);

// A ReplicaSet and its observed size.
struct SetCounts {
  const nlohmann::json* object = nullptr;
  std::int64_t size = 0;
};

// Calculates the counters and the condition Available; other conditions are kept.  `new_set` may be
// null.
nlohmann::json CalculateStatus(const std::vector<SetCounts>& sets, const nlohmann::json* new_set,
                               const nlohmann::json& deployment, std::int64_t unix_nanos);

// Whether the wanted number of pods exists, is updated and is available.
bool IsComplete(const nlohmann::json& deployment, const nlohmann::json& status);

// CalculateStatus plus the conditions Progressing and ReplicaFailure of a rollout (DP5 to DP7, DP26
// to DP29, DP37).
nlohmann::json RolloutStatus(const std::vector<SetCounts>& sets, const nlohmann::json* new_set,
                             const nlohmann::json& deployment, std::int64_t unix_nanos);

// When to check the deadline again, in nanoseconds from now; nullopt if that is not needed.
std::optional<std::int64_t> NextProgressCheck(const nlohmann::json& deployment,
                                              const nlohmann::json& status,
                                              std::int64_t unix_nanos);

}  // namespace kless::controllers
