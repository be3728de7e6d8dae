// Rules that the workload kinds (ReplicaSet, Deployment, StatefulSet, DaemonSet) share.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/apps/validation/validation.go
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Requires the members, if present, to be "greater than or equal to 0".
void ValidateNonNegative(const nlohmann::json& object, const std::string& field,
                         std::initializer_list<const char*> keys, FieldErrors& errors);

// Validates a LabelSelector: operators, values, keys.  Returns false if it has an error.
bool ValidateLabelSelector(const nlohmann::json& selector, const std::string& field,
                           FieldErrors& errors);

// Validates spec.selector and spec.template of a workload whose pods always restart: the selector
// must exist, must not be empty (`empty_sentence` is that error) and must match the template.
void ValidateSelectorAndTemplate(const nlohmann::json& spec, const char* empty_sentence,
                                 FieldErrors& errors);

// Rejects changes of spec.selector.
void ValidateSameSelector(const nlohmann::json& object, const nlohmann::json& old,
                          FieldErrors& errors);

}  // namespace kless::kubernetes
