#include "emulator/base/raw_json.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {

namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Sets the high bit of each byte of `word` that equals `c`; exact up to the first of them.
std::uint64_t BytesEqual(std::uint64_t word, char c) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t differences = word ^ (kOnes * static_cast<unsigned char>(c));
  return (differences - kOnes) & ~differences & (kOnes << 7);
}

// The number of bytes before the first quote or backslash, counted eight at a time: most strings in
// documents are too short for memchr.
std::size_t PlainBytes(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  std::size_t at = 0;
  for (std::uint64_t word; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t found = BytesEqual(word, '"') | BytesEqual(word, '\\');
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (at < text.size() && text[at] != '"' && text[at] != '\\') ++at;
  return at;
}

}  // namespace

void RawJson::SkipSpace() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
}

void RawJson::SkipString() {
  std::size_t at = at_ + 1;
  while (true) {
    at += PlainBytes(text_.substr(std::min(at, text_.size())));
    if (at >= text_.size() || text_[at] == '"') break;
    at += 2;  // a backslash and the escaped character
  }
  at_ = std::min(at + 1, text_.size());
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
  std::size_t at = begin;
  while (at < text_.size()) {
    const char c = text_[at];
    if (c == '"') {
      at_ = at;
      SkipString();
      at = at_;
      if (depth == 0) break;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;  // the end of the enclosing object or array
      if (--depth == 0) {
        ++at;
        break;
      }
    } else if (c == ',' && depth == 0) {
      break;
    }
    ++at;
  }
  at_ = at;
  while (at > begin && IsBlank(text_[at - 1])) --at;
  return text_.substr(begin, at - begin);
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
