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

// spec.completionMode.
bool IsIndexed(const nlohmann::json& spec);

// All of these: of an object with defaults and without decoding problems.
FieldErrors ValidateJob(const nlohmann::json& job);
// What ValidateJob says about the spec alone: an update says it once more.
void ValidateJobSpec(const nlohmann::json& spec, FieldErrors& errors);
// Of the main resource: V29 to V31.
FieldErrors ValidateJobUpdate(const nlohmann::json& job, const nlohmann::json& old);
// Of the status subresource: V32.
FieldErrors ValidateJobStatusUpdate(const nlohmann::json& job, const nlohmann::json& old);

}  // namespace kless::kubernetes
