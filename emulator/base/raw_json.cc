#include "emulator/base/raw_json.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {

namespace {
bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
}  // namespace

void RawJson::SkipSpace() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
}

void RawJson::SkipString() {
  ++at_;
  while (at_ < text_.size()) {
    const void* const found = std::memchr(text_.data() + at_, '"', text_.size() - at_);
    if (found == nullptr) break;
    const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    std::size_t escapes = 0;
    while (quote - escapes > at_ && text_[quote - escapes - 1] == '\\') ++escapes;
    at_ = quote + 1;
    if (escapes % 2 == 0) return;
  }
  at_ = text_.size();
}

bool RawJson::Enter(char bracket) {
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != bracket) return false;
  ++at_;
  return true;
}

bool RawJson::NextMember(std::string_view* key) {
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    SkipSpace();
  }
  if (at_ >= text_.size() || text_[at_] != '"') {
    if (at_ < text_.size()) ++at_;
    return false;
  }
  const std::size_t begin = at_ + 1;
  SkipString();
  *key = at_ > begin ? text_.substr(begin, at_ - begin - 1) : std::string_view();
  SkipSpace();
  if (at_ < text_.size()) ++at_;  // the colon
  return true;
}

bool RawJson::NextElement() {
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    return true;
  }
  if (at_ >= text_.size() || text_[at_] == ']') {
    if (at_ < text_.size()) ++at_;
    return false;
  }
  return true;
}

std::string_view RawJson::Value() {
  SkipSpace();
  const std::size_t begin = at_;
  int depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      SkipString();
      if (depth == 0) break;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;  // the end of what holds a number, true, false or null
      if (--depth == 0) {
        ++at_;
        break;
      }
    } else if (c == ',' && depth == 0) {
      break;
    }
    ++at_;
  }
  std::size_t end = at_;
  while (end > begin && IsBlank(text_[end - 1])) --end;
  return text_.substr(begin, end - begin);
}

std::string_view RawString(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  value = value.substr(1, value.size() - 2);
  return value.find('\\') == std::string_view::npos ? value : std::string_view();
}

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

}  // namespace kless
