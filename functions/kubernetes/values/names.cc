#include "functions/kubernetes/values/names.h"

#include <nlohmann/json.hpp>
namespace kless::kubernetes {

namespace {

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kSubdomainMax = 253;

bool LowerAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool Alphanumeric(char c) { return LowerAlphanumeric(c) || (c >= 'A' && c <= 'Z'); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool IsDnsLabel(std::string_view text) {
  if (text.empty() || !LowerAlphanumeric(text.front()) || !LowerAlphanumeric(text.back())) {
    return false;
  }
  for (char c : text) {
    if (!LowerAlphanumeric(c) && c != '-') return false;
  }
  return true;
}

bool IsDnsSubdomain(std::string_view text) {
  while (true) {
    std::size_t dot = text.find('.');
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool IsQualifiedNamePart(std::string_view text) {
  if (text.empty() || !Alphanumeric(text.front()) || !Alphanumeric(text.back())) return false;
  for (char c : text) {
    if (!Alphanumeric(c) && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

std::string TooLongProblem(std::size_t max) {
  return "must be no more than " + std::to_string(max) + " bytes";
}

constexpr const char* kDnsLabelSentence =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kDns1035LabelSentence =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kDnsSubdomainSentence =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kNamePartSentence =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValueSentence =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr const char* kQualifiedNameSentence =
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
    "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain "
    "prefix and '/' (e.g. 'example.com/MyName')";

}  // namespace

std::vector<std::string> DnsLabelProblems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kLabelMax) problems.push_back(TooLongProblem(kLabelMax));
  if (!IsDnsLabel(value)) {
    problems.push_back(IsDnsSubdomain(value) ? "must not contain dots" : kDnsLabelSentence);
  }
  return problems;
}

std::vector<std::string> Dns1035LabelProblems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kLabelMax) problems.push_back(TooLongProblem(kLabelMax));
  if (!IsDnsLabel(value) || (value.front() >= '0' && value.front() <= '9')) {
    problems.emplace_back(kDns1035LabelSentence);
  }
  return problems;
}

std::vector<std::string> DnsSubdomainProblems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kSubdomainMax) {
    problems.push_back("must be no more than " + std::to_string(kSubdomainMax) + " characters");
  }
  if (!IsDnsSubdomain(value)) problems.push_back(kDnsSubdomainSentence);
  return problems;
}

std::vector<std::string> LabelKeyProblems(std::string_view key) {
  std::vector<std::string> problems;
  std::string_view name = key;
  if (std::size_t slash = key.find('/'); slash != std::string_view::npos) {
    std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) return {kQualifiedNameSentence};
    if (prefix.empty()) {
      problems.push_back("prefix part must be non-empty");
    } else {
      for (const std::string& problem : DnsSubdomainProblems(prefix)) {
        problems.push_back("prefix part " + problem);
      }
    }
  }
  if (name.empty()) {
    problems.push_back("name part must be non-empty");
  } else if (name.size() > kLabelMax) {
    problems.push_back("name part " + TooLongProblem(kLabelMax));
  }
  if (!IsQualifiedNamePart(name)) problems.push_back(kNamePartSentence);
  return problems;
}

std::vector<std::string> LabelValueProblems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kLabelMax) problems.push_back(TooLongProblem(kLabelMax));
  if (!value.empty() && !IsQualifiedNamePart(value)) problems.push_back(kLabelValueSentence);
  return problems;
}

std::vector<std::string> DomainPrefixedPathProblems(std::string_view value) {
  std::size_t slash = value.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size()) {
    return {"must be a domain-prefixed path (such as \"acme.io/foo\")"};
  }
  return DnsSubdomainProblems(value.substr(0, slash));
}

void ValidateLabels(const nlohmann::json* labels, const std::string& field, FieldErrors& errors) {
  if (labels == nullptr || !labels->is_object()) return;
  for (const auto& [key, value] : labels->items()) {
    for (const std::string& problem : LabelKeyProblems(key)) {
      errors.push_back(Invalid(field, key, problem));
    }
    if (!value.is_string()) continue;
    for (const std::string& problem : LabelValueProblems(value.get_ref<const std::string&>())) {
      errors.push_back(Invalid(field, value, problem));
    }
  }
}

}  // namespace kless::kubernetes
