#include "functions/kubernetes/custom/approval.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Whether Go's url.ParseRequestURI accepts it and finds a scheme and a host.
bool IsUrl(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0 || !IsLetter(text[0])) return false;
  const std::string_view scheme = text.substr(0, colon);
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  const std::string_view rest = text.substr(colon + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  const bool is_plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return is_scheme && is_plain && !host.empty() && host.find(' ') == std::string_view::npos;
}

}  // namespace

Approval ApprovalOf(const json& definition) {
  using State = Approval::State;
  const std::string group = StringAt(definition, {"spec", "group"});
  const bool is_protected = group == "k8s.io" || group.ends_with(".k8s.io") ||
                            group == "kubernetes.io" || group.ends_with(".kubernetes.io");
  if (!is_protected) return {};
  const std::string text = StringAt(definition, {"metadata", "annotations", kApprovalAnnotation});
  const std::string needed =
      std::string("protected groups must have approval annotation \"") + kApprovalAnnotation + "\"";
  const std::string more = ", see https://github.com/kubernetes/enhancements/pull/1111";
  if (text.empty()) return {State::kMissing, needed + more};
  if (text.starts_with("unapproved")) {
    return {State::kBypassed, "not approved: " + DumpJson(json(text))};
  }
  if (IsUrl(text)) return {State::kApproved, "approved in " + text};
  return {State::kInvalid,
          needed + " with either a URL or a reason starting with \"unapproved\"" + more};
}

}  // namespace kless::kubernetes
