#include "functions/controllers/replicaset/replica_set_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::IntegerAt;
using nlohmann::json;

namespace {

constexpr const char* kReplicaFailure = "ReplicaFailure";

std::int64_t MinReadyNanos(const json& replica_set) {
  constexpr std::int64_t kMost = 1'000'000'000;  // seconds; larger values would overflow
  return std::clamp<std::int64_t>(IntegerAt(replica_set, {"spec", "minReadySeconds"}).value_or(0),
                                  0, kMost) *
         kNanosPerSecond;
}

bool IsAvailable(const ReplicaPod& pod, std::int64_t min_ready, std::int64_t now) {
  if (!pod.ready) return false;
  return min_ready == 0 || (pod.ready_at != 0 && pod.ready_at + min_ready <= now);
}

void SetCount(json& status, const char* key, std::int64_t count) {
  if (count != 0) status[key] = count;
}

json Conditions(const json& replica_set, const std::optional<ReplicaFailure>& failure,
                std::int64_t now) {
  json kept = json::array();
  bool told = false;
  const json* conditions = kubernetes::Find(replica_set, {"status", "conditions"});
  for (std::size_t i = 0; i < kubernetes::SizeOf(conditions); ++i) {
    const bool of_failure = kubernetes::StringAt((*conditions)[i], "type") == kReplicaFailure;
    if (of_failure && !failure) continue;
    told = told || of_failure;
    kept.push_back((*conditions)[i]);
  }
  if (failure && !told) {
    kept.push_back({{"type", kReplicaFailure},
                    {"status", "True"},
                    {"lastTransitionTime", FormatTime(now)},
                    {"reason", failure->reason},
                    {"message", failure->message}});
  }
  return kept;
}

}  // namespace

json ReplicaSetStatus(const json& replica_set, const std::vector<ReplicaPod>& pods,
                      const std::optional<ReplicaFailure>& failure, std::int64_t unix_nanos) {
  const std::int64_t min_ready = MinReadyNanos(replica_set);
  std::int64_t replicas = 0, labeled = 0, ready = 0, available = 0, terminating = 0;
  for (const ReplicaPod& pod : pods) {
    if (pod.deleting && !pod.terminal) ++terminating;
    if (!pod.active()) continue;
    ++replicas;
    labeled += pod.fully_labeled ? 1 : 0;
    ready += pod.ready ? 1 : 0;
    available += IsAvailable(pod, min_ready, unix_nanos) ? 1 : 0;
  }
  json status = {{"replicas", replicas}, {"terminatingReplicas", terminating}};
  SetCount(status, "fullyLabeledReplicas", labeled);
  SetCount(status, "readyReplicas", ready);
  SetCount(status, "availableReplicas", available);
  SetCount(status, "observedGeneration",
           IntegerAt(replica_set, {"metadata", "generation"}).value_or(0));
  json conditions = Conditions(replica_set, failure, unix_nanos);
  if (!conditions.empty()) status["conditions"] = std::move(conditions);
  return status;
}

std::optional<std::int64_t> NextAvailable(const json& replica_set,
                                          const std::vector<ReplicaPod>& pods,
                                          std::int64_t unix_nanos) {
  const std::int64_t min_ready = MinReadyNanos(replica_set);
  std::optional<std::int64_t> next;
  for (const ReplicaPod& pod : pods) {
    if (!pod.active() || !pod.ready || pod.ready_at == 0) continue;
    const std::int64_t wait = pod.ready_at + min_ready - unix_nanos;
    if (wait > 0 && (!next || wait < *next)) next = wait;
  }
  return next;
}

}  // namespace kless::controllers
