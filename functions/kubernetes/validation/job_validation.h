// Validation of Jobs: reference/kubernetes.md section B.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// The labels and the selector that bind pods to their Job.  The two labels without a domain are
// older.
constexpr const char* kControllerUidLabel = "batch.kubernetes.io/controller-uid";
constexpr const char* kJobNameLabel = "batch.kubernetes.io/job-name";
constexpr const char* kLegacyControllerUidLabel = "controller-uid";
constexpr const char* kLegacyJobNameLabel = "job-name";

// Reads spec.completionMode.
bool IsIndexed(const nlohmann::json& spec);

// Both need an object with defaults and without decoding problems.
FieldErrors ValidateJob(const nlohmann::json& job);
// The part of ValidateJob for the spec alone, which an update repeats.
void ValidateJobSpec(const nlohmann::json& spec, FieldErrors& errors);

}  // namespace kless::kubernetes
