// JobView: the typed fields of a Job's document that the controller reads.  Parsed once per
// reconcile; never throws: a field of the wrong type reads as absent.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "store/item/item.h"

namespace kless::controllers {

// The reason and message of a condition that holds.
struct ConditionText {
  std::string reason;
  std::string message;
};

struct JobView {
  std::shared_ptr<const nlohmann::json> document;  // a JSON object
  std::string namespace_name;                      // from the key
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
  std::optional<std::int64_t> backoff_limit_per_index;  // only for Indexed
  std::optional<std::int64_t> max_failed_indexes;
  std::optional<std::int64_t> active_deadline_seconds;
  bool restarts_in_place = false;   // restartPolicy OnFailure: the kubelet restarts containers
  bool has_failure_policy = false;  // podFailurePolicy
  // A pod that is being deleted has not failed, and counts as running, until its phase says
  // otherwise: podReplacementPolicy Failed, or a podFailurePolicy.
  bool replaces_failed_only = false;

  // Fields of the status.
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  bool started = false;            // startTime is set
  std::int64_t start_seconds = 0;  // startTime, Unix; 0: none, or unreadable
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

// A condition of kless's own, in addition to those of Kubernetes: an object written straight into
// the table may be an invalid Job, and its writer got no error.
constexpr const char* kInvalidCondition = "Invalid";

// Null if the document is not a JSON object.
std::unique_ptr<JobView> ReadJob(const Item& item);

}  // namespace kless::controllers
