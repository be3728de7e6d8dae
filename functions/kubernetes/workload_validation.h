// Rules that the workload kinds (ReplicaSet, Deployment, StatefulSet, DaemonSet) share.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/apps/validation/validation.go
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// "must be greater than or equal to 0", of members that are there.
void ValidateNonNegative(const nlohmann::json& object, const std::string& field,
                         std::initializer_list<const char*> keys, FieldErrors& errors);

// A LabelSelector: operators, values, keys.  False: it has an error.
bool ValidateLabelSelector(const nlohmann::json& selector, const std::string& field,
                           FieldErrors& errors);

// spec.selector and spec.template of a workload whose pods restart always: the selector is there,
// selects something (`empty_sentence` says that it must) and matches the template.
void ValidateSelectorAndTemplate(const nlohmann::json& spec, const char* empty_sentence,
                                 FieldErrors& errors);

// spec.selector may not change.
void ValidateSameSelector(const nlohmann::json& object, const nlohmann::json& old,
                          FieldErrors& errors);

}  // namespace kless::kubernetes
