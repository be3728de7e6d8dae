// StatusDraft: the status that a plan writes, step by step.  Keys are as in Kubernetes: active,
// succeeded and failed are absent when 0; ready, terminating and uncountedTerminatedPods are always
// present.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/job/job_counting.h"
#include "functions/controllers/job/job_view.h"

namespace kless::controllers {

class StatusDraft {
 public:
  StatusDraft(const JobView& job, std::int64_t unix_nanos);
  ~StatusDraft();

  void SetPods(std::int64_t active, std::int64_t ready, std::int64_t terminating);
  void SetCounters(const Counting::Counters& counters, bool indexed);
  void SetStartTime();
  void ClearStartTime();
  // Returns true if the condition changed.  A missing condition is not added as False.
  bool SetCondition(const std::string& type, bool value, const std::string& reason,
                    const std::string& message);
  void DropCondition(const std::string& type);
  // Sets the condition Complete, and completionTime.
  void SetComplete(const std::string& reason, const std::string& message);

  // Returns the Job's whole document with the current status, if that differs from the last one
  // taken (at first: from the observed one).
  std::optional<std::string> TakeDocument();

 private:
  nlohmann::json* FindCondition(const std::string& type);

  std::unique_ptr<nlohmann::json> document_;
  std::unique_ptr<nlohmann::json> taken_;  // the status last taken
  std::string now_;
};

}  // namespace kless::controllers
