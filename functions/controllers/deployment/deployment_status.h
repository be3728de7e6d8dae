// status of a Deployment: counters from its ReplicaSets, and the conditions of its progress.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/deployment/progress.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kless::controllers {

bool HasProgressDeadline(const nlohmann::json& deployment);

// A condition of {status: {conditions: [...]}}; null: there is none.
void SetCondition(nlohmann::json& status, const std::string& type, const std::string& value,
                  const std::string& reason, const std::string& message, std::int64_t unix_nanos);
void RemoveCondition(nlohmann::json& status, const std::string& type);

// A ReplicaSet, and the size that it had when it was observed.
struct SetCounts {
  const nlohmann::json* object = nullptr;
  std::int64_t size = 0;
};

// Counters and the condition Available; the other conditions are kept.  `new_set` may be null.
nlohmann::json CalculateStatus(const std::vector<SetCounts>& sets, const nlohmann::json* new_set,
                               const nlohmann::json& deployment, std::int64_t unix_nanos);

// Whether as many pods as are wanted are there, updated and available.
bool IsComplete(const nlohmann::json& deployment, const nlohmann::json& status);

// CalculateStatus, with Progressing and ReplicaFailure as a rollout has them (DP5 to DP7, DP26 to
// DP29, DP37).
nlohmann::json RolloutStatus(const std::vector<SetCounts>& sets, const nlohmann::json* new_set,
                             const nlohmann::json& deployment, std::int64_t unix_nanos);

// When to look again whether the deadline has passed, in nanoseconds from now; nullopt: no need.
std::optional<std::int64_t> NextProgressCheck(const nlohmann::json& deployment,
                                              const nlohmann::json& status,
                                              std::int64_t unix_nanos);

}  // namespace kless::controllers
