#include "functions/controllers/loop/object_edits.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

Write EditOf(ResourceId id, std::function<bool(json&)> edit) {
  Edit change;
  change.apply = [edit =
                      std::move(edit)](const std::string& document) -> std::optional<std::string> {
    auto parsed = ParseJson(document);
    if (parsed.has_error() || !parsed.value().is_object()) return std::nullopt;
    if (!edit(parsed.value())) return std::nullopt;
    return DumpJson(parsed.value());
  };
  return {.id = std::move(id), .change = std::move(change)};
}

Write DeletionOf(ResourceId id, std::string uid, Deletion::Propagation propagation,
                 std::optional<std::int64_t> grace_seconds) {
  Deletion change;
  change.propagation = propagation;
  change.grace_seconds = grace_seconds;
  change.dependents_only = false;
  change.uid = std::move(uid);
  return {.id = std::move(id), .change = std::move(change)};
}

bool SetPodCondition(json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos) {
  json* object = kubernetes::ObjectAt(pod, "status");
  if (object == nullptr) return false;
  json& conditions = (*object)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  json* condition = nullptr;
  for (json& entry : conditions) {
    if (kubernetes::StringAt(entry, "type") == type) condition = &entry;
  }
  if (condition == nullptr) {
    condition = &conditions.emplace_back(json{{"lastProbeTime", nullptr}, {"type", type}});
  }
  const bool moved = kubernetes::StringAt(*condition, "status") != status;
  if (!moved && kubernetes::StringAt(*condition, "reason") == reason &&
      kubernetes::StringAt(*condition, "message") == message) {
    return false;
  }
  if (moved) (*condition)["lastTransitionTime"] = FormatTime(unix_nanos);
  (*condition)["status"] = status;
  if (!reason.empty()) (*condition)["reason"] = reason;
  if (!message.empty()) (*condition)["message"] = message;
  return true;
}

}  // namespace kless::controllers
