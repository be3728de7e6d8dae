// Names, label keys and label values: the API server's rules and sentences.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

// Generated names end in 5 random characters and have at most 63 in all, whatever the base.
constexpr std::size_t kMaxGeneratedNameBase = 58;

// Each returns what is wrong, as sentences; empty: nothing.
std::vector<std::string> DnsLabelProblems(std::string_view value);      // at most 63 bytes
std::vector<std::string> Dns1035LabelProblems(std::string_view value);  // the same, no digit first
std::vector<std::string> DnsSubdomainProblems(std::string_view value);  // at most 253 bytes
std::vector<std::string> LabelKeyProblems(std::string_view key);        // [prefix/]name
std::vector<std::string> LabelValueProblems(std::string_view value);
// "acme.io/foo".
std::vector<std::string> DomainPrefixedPathProblems(std::string_view value);

}  // namespace kless::kubernetes
