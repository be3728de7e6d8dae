#include "functions/kubernetes/custom/schema/formats.h"

#include <algorithm>
#include <map>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/schema/pattern.h"

namespace kless::kubernetes {

namespace {

constexpr const char* kOctet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
constexpr const char* kUuid = "^[0-9a-f]{8}-?[0-9a-f]{4}-?";

std::string Ipv4() {
  std::string expression = kOctet;
  for (int i = 0; i < 3; ++i) expression += std::string("\\.") + kOctet;
  return expression;
}

std::string Uuid(const char* version) {
  return std::string("(?i)") + kUuid + version + "-?[0-9a-f]{12}$";
}

// Follows github.com/asaskevich/govalidator, which the API server uses.
const std::map<std::string_view, Pattern>& Patterns() {
  static const std::map<std::string_view, Pattern> kPatterns = [] {
    std::map<std::string_view, Pattern> all;
    const auto add = [&](const char* format, const std::string& expression) {
      all.emplace(std::piecewise_construct, std::forward_as_tuple(format),
                  std::forward_as_tuple(expression));
    };
    add("date", "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$");
    add("duration", "^[-+]?([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h|d|w) *)+$");
    add("email", "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$");
    add("hexcolor", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$");
    add("hostname",
        "^([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)"
        "(\\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*\\.?$");
    add("ipv4", "^" + Ipv4() + "$");
    add("mac", "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$");
    add("uri", "^[A-Za-z][-+.A-Za-z0-9]*:[^\\s]*$|^/[^\\s]*$");
    add("uuid", Uuid("[0-9a-f]{4}-?[0-9a-f]{4}"));
    add("uuid3", Uuid("3[0-9a-f]{3}-?[0-9a-f]{4}"));
    add("uuid4", Uuid("4[0-9a-f]{3}-?[89ab][0-9a-f]{3}"));
    add("uuid5", Uuid("5[0-9a-f]{3}-?[89ab][0-9a-f]{3}"));
    return all;
  }();
  return kPatterns;
}

// Accepts groups of at most four hexadecimal digits: eight, or fewer with one "::"; the last two
// may be an IPv4 address.
bool IsIpv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos) {
    return false;
  }
  int groups = 0;
  const auto parts = Split(text, ':');
  if (parts.size() < 3) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    const bool edge = i == 0 || i + 1 == parts.size();
    if (part.empty()) {
      const bool beside_gap =
          gap != std::string_view::npos && (!edge || (i == 0 ? gap == 0 : gap + 2 == text.size()));
      if (!beside_gap) return false;
      continue;
    }
    if (i + 1 == parts.size() && HasFormat(part, "ipv4")) {
      groups += 2;
      continue;
    }
    const bool hexadecimal =
        part.size() <= 4 && std::all_of(part.begin(), part.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        });
    if (!hexadecimal) return false;
    ++groups;
  }
  return gap == std::string_view::npos ? groups == 8 : groups < 8;
}

bool IsCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto bits = ParseUnsigned(text.substr(slash + 1));
  const std::string_view address = text.substr(0, slash);
  if (!bits) return false;
  return (*bits <= 32 && HasFormat(address, "ipv4")) || (*bits <= 128 && IsIpv6(address));
}

}  // namespace

bool HasFormat(std::string_view value, std::string_view format) {
  if (format == "date-time" || format == "datetime") return ParseTime(value).has_value();
  if (format == "byte") return Base64Decode(std::string(value)).has_value();
  if (format == "ipv6") return IsIpv6(value);
  if (format == "cidr") return IsCidr(value);
  const auto found = Patterns().find(format);
  return found == Patterns().end() || found->second.Matches(value);
}

}  // namespace kless::kubernetes
