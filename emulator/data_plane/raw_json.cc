#include "emulator/data_plane/raw_json.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::data_plane {

namespace raw {
namespace {

// Behind the closing quote of the string that begins at `at`.
std::size_t SkipString(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

bool EndsScalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

}  // namespace

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
    ++at;
  }
  return at;
}

std::size_t SkipValue(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  if (text[at] == '"') return SkipString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && !EndsScalar(text[at])) ++at;
    return at;
  }
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return text.size();
}

std::size_t NextMember(std::string_view text, std::size_t at, std::string_view* key,
                       std::string_view* value) {
  if (at >= text.size() || text[at] != '"') return std::string_view::npos;
  const std::size_t key_end = SkipString(text, at);
  if (key_end < at + 2) return std::string_view::npos;
  *key = text.substr(at + 1, key_end - at - 2);
  std::size_t colon = SkipBlanks(text, key_end);
  if (colon >= text.size() || text[colon] != ':') return std::string_view::npos;
  const std::size_t begin = SkipBlanks(text, colon + 1);
  const std::size_t end = SkipValue(text, begin);
  if (end == begin) return std::string_view::npos;
  *value = text.substr(begin, end - begin);
  return end;
}

std::size_t Begin(std::string_view text, char bracket) {
  const std::size_t at = SkipBlanks(text, 0);
  if (at >= text.size() || text[at] != bracket) return std::string_view::npos;
  return SkipBlanks(text, at + 1);
}

std::size_t BehindComma(std::string_view text, std::size_t at) {
  at = SkipBlanks(text, at);
  if (at >= text.size() || text[at] != ',') return std::string_view::npos;
  return SkipBlanks(text, at + 1);
}

}  // namespace raw

std::string_view MemberOf(std::string_view object, std::string_view key) {
  std::string_view found;
  VisitMembers(object, [&](std::string_view name, std::string_view value) {
    if (name == key) found = value;
  });
  return found;
}

std::optional<std::string> StringValue(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  if (text.find('\\') == std::string_view::npos) {
    return std::string(text.substr(1, text.size() - 2));
  }
  const auto parsed = ParseJson(text);
  if (parsed.has_error() || !parsed->is_string()) return std::nullopt;
  return parsed->get<std::string>();
}

std::string StringOrEmpty(std::string_view text) { return StringValue(text).value_or(""); }

std::optional<long long> IntegerValue(std::string_view text) { return ParseInteger(text); }

}  // namespace kless::data_plane
