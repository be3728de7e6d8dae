#include "functions/controllers/job/job_status.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

json& StatusOf(json& document) {
  json& status = document["status"];
  if (!status.is_object()) status = json::object();
  return status;
}

void SetOrErase(json& status, const char* key, std::int64_t value) {
  if (value == 0) {
    status.erase(key);
  } else {
    status[key] = value;
  }
}

}  // namespace

StatusDraft::StatusDraft(const JobView& job, std::int64_t unix_nanos)
    : document_(std::make_unique<json>(*job.document)),
      taken_(
          std::make_unique<json>(document_->contains("status") ? (*document_)["status"] : json())),
      now_(FormatTime(unix_nanos)) {}

StatusDraft::~StatusDraft() = default;

void StatusDraft::SetPods(std::int64_t active, std::int64_t ready, std::int64_t terminating) {
  json& status = StatusOf(*document_);
  SetOrErase(status, "active", active);
  status["ready"] = ready;
  status["terminating"] = terminating;
}

void StatusDraft::SetCounters(const Counting::Counters& counters, bool indexed) {
  json& status = StatusOf(*document_);
  SetOrErase(status, "succeeded", counters.succeeded);
  SetOrErase(status, "failed", counters.failed);
  json uncounted = json::object();
  if (!counters.uncounted_succeeded.empty()) uncounted["succeeded"] = counters.uncounted_succeeded;
  if (!counters.uncounted_failed.empty()) uncounted["failed"] = counters.uncounted_failed;
  status["uncountedTerminatedPods"] = std::move(uncounted);
  if (counters.failed_indexes) status["failedIndexes"] = counters.failed_indexes->ToString();
  if (!indexed) return;
  std::string completed = counters.completed.ToString();
  if (completed.empty()) {
    status.erase("completedIndexes");
  } else {
    status["completedIndexes"] = std::move(completed);
  }
}

void StatusDraft::SetStartTime() { StatusOf(*document_)["startTime"] = now_; }
void StatusDraft::ClearStartTime() { StatusOf(*document_).erase("startTime"); }

json* StatusDraft::FindCondition(const std::string& type) {
  json* conditions = kubernetes::Find(*document_, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return nullptr;
  for (json& condition : *conditions) {
    if (kubernetes::StringAt(condition, "type") == type) return &condition;
  }
  return nullptr;
}

bool StatusDraft::SetCondition(const std::string& type, bool value, const std::string& reason,
                               const std::string& message) {
  const char* const text = value ? "True" : "False";
  json* found = FindCondition(type);
  if (found == nullptr && !value) return false;
  if (found != nullptr && kubernetes::StringAt(*found, "status") == text &&
      kubernetes::StringAt(*found, "reason") == reason &&
      kubernetes::StringAt(*found, "message") == message) {
    return false;
  }
  json condition = {{"type", type},          {"status", text},
                    {"lastProbeTime", now_}, {"lastTransitionTime", now_},
                    {"reason", reason},      {"message", message}};
  if (found != nullptr) {
    *found = std::move(condition);
    return true;
  }
  json& conditions = StatusOf(*document_)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  conditions.push_back(std::move(condition));
  return true;
}

void StatusDraft::DropCondition(const std::string& type) {
  json* conditions = kubernetes::Find(*document_, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return;
  json kept = json::array();
  for (json& condition : *conditions) {
    if (kubernetes::StringAt(condition, "type") != type) kept.push_back(std::move(condition));
  }
  if (kept.empty()) {
    StatusOf(*document_).erase("conditions");
  } else {
    *conditions = std::move(kept);
  }
}

void StatusDraft::SetComplete(const std::string& reason, const std::string& message) {
  SetCondition("Complete", true, reason, message);
  StatusOf(*document_)["completionTime"] = now_;
}

std::optional<std::string> StatusDraft::TakeDocument() {
  const json& status = StatusOf(*document_);
  if (status == *taken_) return std::nullopt;
  *taken_ = status;
  return DumpJson(*document_);
}

}  // namespace kless::controllers
