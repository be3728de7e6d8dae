#include "emulator/base/yaml_scalar.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/utf8.h"

namespace kless {
namespace {

using nlohmann::json;

const std::map<std::string_view, bool>& KubectlBooleans() {
  static const std::map<std::string_view, bool> booleans = {
      {"y", true},      {"Y", true},     {"yes", true},  {"Yes", true},  {"YES", true},
      {"true", true},   {"True", true},  {"TRUE", true}, {"on", true},   {"On", true},
      {"ON", true},     {"n", false},    {"N", false},   {"no", false},  {"No", false},
      {"NO", false},    {"off", false},  {"Off", false}, {"OFF", false}, {"false", false},
      {"False", false}, {"FALSE", false}};
  return booleans;
}

std::optional<bool> Boolean(const std::string& text, YamlRules rules) {
  const auto found = KubectlBooleans().find(text);
  if (found == KubectlBooleans().end()) return std::nullopt;
  const bool is_core =
      text.size() >= 4 && (text[0] == 't' || text[0] == 'T' || text[0] == 'f' || text[0] == 'F');
  if (rules == YamlRules::kCore && !is_core) return std::nullopt;
  return found->second;
}

bool IsNull(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

bool IsInfinityOrNan(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
         text == ".NAN";
}

// Integers with the prefixes of Go's strconv (0x, 0b, 0o, 0) and underscores between digits; the
// core rules have only 0x and 0o.
std::optional<json> Integer(std::string_view text, YamlRules rules) {
  std::string plain(text);
  if (rules == YamlRules::kKubectl) std::erase(plain, '_');
  std::string_view digits = plain;
  bool negative = false;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    negative = digits[0] == '-';
    digits.remove_prefix(1);
  }
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = static_cast<char>(std::tolower(static_cast<unsigned char>(digits[1])));
    const bool octal_by_zero = rules == YamlRules::kKubectl && mark != 'x' && mark != 'o';
    if (mark == 'x') base = 16;
    if (mark == 'o' || octal_by_zero) base = 8;
    if (mark == 'b' && octal_by_zero) base = 2;
    if (base != 10) digits.remove_prefix(mark == 'x' || mark == 'o' || base == 2 ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, magnitude, base);
  if (error != std::errc{} || end != last) return std::nullopt;
  if (!negative) {
    return json(magnitude);
  }
  if (magnitude > std::uint64_t{1} << 63) return std::nullopt;
  return json(static_cast<std::int64_t>(~magnitude + 1));
}

// [-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?  and "1.", which go-yaml accepts.
std::optional<json> Float(std::string_view text, YamlRules rules) {
  std::string plain(text);
  if (rules == YamlRules::kKubectl) std::erase(plain, '_');
  std::string_view number = plain;
  if (!number.empty() && number[0] == '+') number.remove_prefix(1);
  const std::string_view unsigned_part = number.starts_with('-') ? number.substr(1) : number;
  if (unsigned_part.empty() ||
      (unsigned_part[0] != '.' && !std::isdigit(static_cast<unsigned char>(unsigned_part[0])))) {
    return std::nullopt;
  }
  double value = 0;
  const char* const last = number.data() + number.size();
  const auto [end, error] = std::from_chars(number.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return json(value);
}

Result<json> Made(json value) {
  return Result<json>(boost::system::in_place_value, std::move(value));
}

Result<json> PlainScalar(const std::string& text, YamlRules rules) {
  if (IsNull(text)) return Made(nullptr);
  if (const auto boolean = Boolean(text, rules)) return Made(*boolean);
  if (IsInfinityOrNan(text)) {
    return MakeError(ErrorCode::kInvalidArgument, text + " has no form in JSON");
  }
  if (auto integer = Integer(text, rules)) return Made(*integer);
  if (auto number = Float(text, rules)) return Made(*number);
  return Made(text);
}

Result<json> Binary(const std::string& text) {
  std::string packed;
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
               [](unsigned char c) { return std::isspace(c) == 0; });
  const auto bytes = Base64Decode(packed);
  if (!bytes) return MakeError(ErrorCode::kInvalidArgument, "!!binary is not base64");
  // Text has no other bytes than UTF-8: they are replaced, as in JSON.
  if (!IsUtf8(*bytes)) return ParseJson(DumpJson(*bytes));
  return Made(*bytes);
}

}  // namespace

Result<json> ResolveYamlScalar(const std::string& text, const std::string& tag, YamlRules rules) {
  if (tag == "!") return Made(text);
  if (tag == "?" || tag.empty()) return PlainScalar(text, rules);
  static constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  std::string_view name = tag;
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  if (name == "str" || name == "timestamp") return Made(text);
  if (name == "binary") return Binary(text);
  auto plain = PlainScalar(text, rules);
  if (plain.has_error()) return plain;
  const json& value = plain.value();
  if (name == "float" && value.is_number()) return Made(value.get<double>());
  if ((name == "null" && value.is_null()) || (name == "bool" && value.is_boolean()) ||
      (name == "int" && value.is_number_integer())) {
    return plain;
  }
  return MakeError(ErrorCode::kInvalidArgument, "'" + text + "' does not fit its tag " + tag);
}

}  // namespace kless
