// Names, label keys and label values: the API server's rules and messages.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Generated names end in 5 random characters and have at most 63 in total, whatever the base.
constexpr std::size_t kMaxGeneratedNameBase = 58;

// Each returns error messages; empty if the value is valid.
std::vector<std::string> DnsLabelProblems(std::string_view value);  // at most 63 bytes
// the same, but not beginning with a digit
std::vector<std::string> Dns1035LabelProblems(std::string_view value);
std::vector<std::string> DnsSubdomainProblems(std::string_view value);  // at most 253 bytes
std::vector<std::string> LabelKeyProblems(std::string_view key);        // [prefix/]name
std::vector<std::string> LabelValueProblems(std::string_view value);
// Validates names such as "acme.io/foo".
std::vector<std::string> DomainPrefixedPathProblems(std::string_view value);

// Validates the keys and values of a label map; `labels` may be null.
void ValidateLabels(const nlohmann::json* labels, const std::string& field, FieldErrors& errors);

}  // namespace kless::kubernetes
