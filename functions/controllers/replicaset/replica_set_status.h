// The status of a ReplicaSet, as its controller writes it (CM2, CM3, RS11, RS16).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/replicaset/replica_pods.h"

namespace kless::controllers {

// The reason why a ReplicaSet could not create or delete its pods.
struct ReplicaFailure {
  std::string reason;  // FailedCreate, FailedDelete
  std::string message;
};

// The status for these pods.  `failure` is that of the last attempt; a message that is already in
// the status is kept, and without a failure the condition is removed.
nlohmann::json ReplicaSetStatus(const nlohmann::json& replica_set,
                                const std::vector<ReplicaPod>& pods,
                                const std::optional<ReplicaFailure>& failure,
                                std::int64_t unix_nanos);

// The time until the next ready pod becomes available, in nanoseconds; nullopt if none is waiting.
std::optional<std::int64_t> NextAvailable(const nlohmann::json& replica_set,
                                          const std::vector<ReplicaPod>& pods,
                                          std::int64_t unix_nanos);

}  // namespace kless::controllers
