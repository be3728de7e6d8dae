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

  // Of the status.
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  bool started = false;   // startTime is set
  bool finished = false;  // Complete or Failed
  bool success_criteria_met = false;
  bool marked_invalid = false;  // condition kInvalidCondition
  std::string completed_indexes;
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
