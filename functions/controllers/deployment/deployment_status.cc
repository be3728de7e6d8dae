#include "functions/controllers/deployment/deployment_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/deployment/replica_sets.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kProgressing = "Progressing";
constexpr const char* kFailure = "ReplicaFailure";

const json* ConditionOf(const json& status, const std::string& type) {
  const json* conditions = Find(status, "conditions");
  for (std::size_t i = 0; i < kubernetes::SizeOf(conditions); ++i) {
    if (StringAt((*conditions)[i], "type") == type) return &(*conditions)[i];
  }
  return nullptr;
}

std::int64_t Count(const json& status, const char* key) {
  return IntegerAt(status, key).value_or(0);
}

std::int64_t DeadlineNanos(const json& deployment) {
  constexpr std::int64_t kMost = 1'000'000'000;  // seconds; larger values would overflow
  return std::clamp<std::int64_t>(
             IntegerAt(deployment, {"spec", "progressDeadlineSeconds"}).value_or(600), 0, kMost) *
         kNanosPerSecond;
}

bool HasProgressed(const json& before, const json& now) {
  const auto old_pods = [](const json& status) {
    return Count(status, "replicas") - Count(status, "updatedReplicas");
  };
  const auto rose = [&](const char* key) { return Count(now, key) > Count(before, key); };
  return rose("updatedReplicas") || rose("readyReplicas") || rose("availableReplicas") ||
         old_pods(now) < old_pods(before);
}

bool HasTimedOut(const json& deployment, const json& status, std::int64_t now) {
  const json* condition = ConditionOf(status, kProgressing);
  if (condition == nullptr) return false;
  const std::string reason = StringAt(*condition, "reason");
  if (reason == "NewReplicaSetAvailable") return false;
  if (reason == "ProgressDeadlineExceeded") return true;
  const auto since = ParseTime(StringAt(*condition, "lastUpdateTime"));
  return since && *since + DeadlineNanos(deployment) < now;
}

std::string Subject(const json* new_set, const json& deployment) {
  return new_set == nullptr ? "Deployment \"" + StringAt(deployment, {"metadata", "name"}) + "\""
                            : "ReplicaSet \"" + StringAt(*new_set, {"metadata", "name"}) + "\"";
}

// The failure of the new ReplicaSet, or else of another one.
const json* FailureOf(const std::vector<SetCounts>& sets, const json* new_set) {
  const json* any = nullptr;
  for (const SetCounts& set : sets) {
    const json* condition = FindCondition(*set.object, kFailure);
    if (condition == nullptr) continue;
    if (set.object == new_set) return condition;
    if (any == nullptr) any = condition;
  }
  return any;
}

void SetProgress(const json* new_set, const json& deployment, std::int64_t now, json& status) {
  const std::string subject = Subject(new_set, deployment);
  const json* current = ConditionOf(kubernetes::FindOrEmpty(deployment, "status"), kProgressing);
  if (IsComplete(deployment, status)) {
    SetCondition(status, kProgressing, "True", "NewReplicaSetAvailable",
                 subject + " has successfully progressed.", now);
  } else if (HasProgressed(kubernetes::FindOrEmpty(deployment, "status"), status)) {
    // Any progress updates lastUpdateTime, even if the condition stays the same.
    const std::string transition = current != nullptr && StringAt(*current, "status") == "True"
                                       ? StringAt(*current, "lastTransitionTime")
                                       : std::string();
    RemoveCondition(status, kProgressing);
    SetCondition(status, kProgressing, "True", "ReplicaSetUpdated", subject + " is progressing.",
                 now);
    if (!transition.empty()) status["conditions"].back()["lastTransitionTime"] = transition;
  } else if (HasTimedOut(deployment, status, now)) {
    SetCondition(status, kProgressing, "False", "ProgressDeadlineExceeded",
                 subject + " has timed out progressing.", now);
  }
}

}  // namespace

bool HasProgressDeadline(const json& deployment) {
  const auto seconds = IntegerAt(deployment, {"spec", "progressDeadlineSeconds"});
  return seconds && *seconds != INT32_MAX;
}

void SetCondition(json& status, const std::string& type, const std::string& value,
                  const std::string& reason, const std::string& message, std::int64_t unix_nanos) {
  std::string transition = FormatTime(unix_nanos);
  if (const json* current = ConditionOf(status, type)) {
    if (StringAt(*current, "status") == value) {
      if (StringAt(*current, "reason") == reason) return;
      transition = StringAt(*current, "lastTransitionTime");
    }
  }
  RemoveCondition(status, type);
  json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  conditions.push_back({{"type", type},
                        {"status", value},
                        {"reason", reason},
                        {"message", message},
                        {"lastUpdateTime", FormatTime(unix_nanos)},
                        {"lastTransitionTime", transition}});
}

void RemoveCondition(json& status, const std::string& type) {
  json* conditions = Find(status, "conditions");
  if (conditions == nullptr || !conditions->is_array()) return;
  conditions->erase(std::remove_if(conditions->begin(), conditions->end(),
                                   [&](const json& one) { return StringAt(one, "type") == type; }),
                    conditions->end());
  if (conditions->empty()) status.erase("conditions");
}

json CalculateStatus(const std::vector<SetCounts>& sets, const json* new_set,
                     const json& deployment, std::int64_t unix_nanos) {
  std::int64_t wanted = 0, replicas = 0, ready = 0, available = 0, terminating = 0;
  for (const SetCounts& set : sets) {
    wanted += set.size;
    replicas += StatusCount(*set.object, "replicas");
    ready += StatusCount(*set.object, "readyReplicas");
    available += StatusCount(*set.object, "availableReplicas");
    terminating += StatusCount(*set.object, "terminatingReplicas");
  }
  json status = {{"terminatingReplicas", terminating}};
  const auto set_count = [&status](const char* key, std::int64_t count) {
    if (count > 0) status[key] = count;
  };
  set_count("observedGeneration", IntegerAt(deployment, {"metadata", "generation"}).value_or(0));
  set_count("replicas", replicas);
  set_count("updatedReplicas", new_set == nullptr ? 0 : StatusCount(*new_set, "replicas"));
  set_count("readyReplicas", ready);
  set_count("availableReplicas", available);
  set_count("unavailableReplicas", wanted - available);
  for (const char* key : {"collisionCount", "conditions"}) {
    if (const json* value = Find(deployment, {"status", key})) status[key] = *value;
  }
  if (available >= SpecReplicas(deployment) - MaxUnavailable(deployment)) {
    SetCondition(status, "Available", "True", "MinimumReplicasAvailable",
                 "Deployment has minimum availability.", unix_nanos);
  } else {
    SetCondition(status, "Available", "False", "MinimumReplicasUnavailable",
                 "Deployment does not have minimum availability.", unix_nanos);
  }
  return status;
}

bool IsComplete(const json& deployment, const json& status) {
  const std::int64_t wanted = SpecReplicas(deployment);
  return Count(status, "updatedReplicas") == wanted && Count(status, "replicas") == wanted &&
         Count(status, "availableReplicas") == wanted &&
         Count(status, "observedGeneration") >=
             IntegerAt(deployment, {"metadata", "generation"}).value_or(0);
}

json RolloutStatus(const std::vector<SetCounts>& sets, const json* new_set, const json& deployment,
                   std::int64_t unix_nanos) {
  json status = CalculateStatus(sets, new_set, deployment, unix_nanos);
  if (!HasProgressDeadline(deployment)) RemoveCondition(status, kProgressing);
  const json* current = ConditionOf(kubernetes::FindOrEmpty(deployment, "status"), kProgressing);
  const bool was_complete = Count(status, "replicas") == Count(status, "updatedReplicas") &&
                            current != nullptr &&
                            StringAt(*current, "reason") == "NewReplicaSetAvailable";
  if (HasProgressDeadline(deployment) && !was_complete) {
    SetProgress(new_set, deployment, unix_nanos, status);
  }
  const json* failure = FailureOf(sets, new_set);
  if (failure == nullptr) {
    RemoveCondition(status, kFailure);
  } else {
    SetCondition(status, kFailure, StringAt(*failure, "status"), StringAt(*failure, "reason"),
                 StringAt(*failure, "message"), unix_nanos);
  }
  return status;
}

std::optional<std::int64_t> NextProgressCheck(const json& deployment, const json& status,
                                              std::int64_t unix_nanos) {
  const json* condition = ConditionOf(status, kProgressing);
  if (!HasProgressDeadline(deployment) || condition == nullptr) return std::nullopt;
  const std::string reason = StringAt(*condition, "reason");
  if (IsComplete(deployment, status) || reason == "ProgressDeadlineExceeded" ||
      reason == "NewReplicaSetAvailable") {
    return std::nullopt;
  }
  const auto since = ParseTime(StringAt(*condition, "lastUpdateTime"));
  if (!since) return std::nullopt;
  // Conditions have whole seconds: like Kubernetes, wait one second beyond the deadline.
  const std::int64_t due = *since + DeadlineNanos(deployment) + kNanosPerSecond;
  return std::max<std::int64_t>(due - unix_nanos, 1);
}

}  // namespace kless::controllers
