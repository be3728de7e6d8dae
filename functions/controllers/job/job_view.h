// JobView: what the controller reads of a Job's document, typed.  Parsed once per reconcile; never
// throws: what has the wrong type reads as absent.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "store/item.h"

namespace kless::controllers {

// What a condition that holds says.
struct ConditionText {
  std::string reason;
  std::string message;
};

struct JobView {
  std::shared_ptr<const nlohmann::json> document;  // an object
  std::string namespace_name;                      // of the key
  std::string name;
  std::string uid;
  bool deleting = false;

  std::int64_t parallelism = 1;
  std::optional<std::int64_t> completions;
  bool indexed = false;
  bool suspended = false;
  bool managed_elsewhere = false;  // managedBy names another controller
  bool manual_selector = false;
  std::int64_t backoff_limit = 6;
  std::optional<std::int64_t> backoff_limit_per_index;  // Indexed only
  std::optional<std::int64_t> max_failed_indexes;
  std::optional<std::int64_t> active_deadline_seconds;
  bool restarts_in_place = false;   // restartPolicy OnFailure: the kubelet restarts containers
  bool has_failure_policy = false;  // podFailurePolicy
  // A pod that is being deleted has not failed before its phase says so, and holds its place until
  // then: podReplacementPolicy Failed, or a podFailurePolicy.
  bool replaces_failed_only = false;

  // Of the status.
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  bool started = false;            // startTime is set
  std::int64_t start_seconds = 0;  // startTime, Unix; 0: none that can be read
  bool finished = false;           // Complete or Failed
  std::optional<ConditionText> success_criteria_met;
  std::optional<ConditionText> failure_target;
  bool marked_invalid = false;  // condition kInvalidCondition
  std::string completed_indexes;
  std::string failed_indexes;
  std::vector<std::string> uncounted_succeeded;  // uids
  std::vector<std::string> uncounted_failed;

  // Completions as a bound for indexes; the largest number for a work queue.
  std::int64_t CompletionsOrMax() const;
};

// Our own condition, beside those of Kubernetes: an object written straight into the table may be
// no valid Job, and nobody told its writer.
constexpr const char* kInvalidCondition = "Invalid";

// Null: the document is no JSON object.
std::unique_ptr<JobView> ReadJob(const Item& item);

}  // namespace kless::controllers
