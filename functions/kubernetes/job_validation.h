// Validation of Jobs: reference/kubernetes.md section B.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// The labels and the selector that tie pods to their Job.  The two without a domain are older.
constexpr const char* kControllerUidLabel = "batch.kubernetes.io/controller-uid";
constexpr const char* kJobNameLabel = "batch.kubernetes.io/job-name";
constexpr const char* kLegacyControllerUidLabel = "controller-uid";
constexpr const char* kLegacyJobNameLabel = "job-name";

// Of an object with defaults and without decoding problems.
FieldErrors ValidateJob(const nlohmann::json& job);
FieldErrors ValidateJobUpdate(const nlohmann::json& job, const nlohmann::json& old);

}  // namespace kless::kubernetes
