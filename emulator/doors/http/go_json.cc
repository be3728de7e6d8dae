#include "emulator/doors/http/go_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "emulator/base/utf8.h"

namespace kless::doors {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// strconv.Quote of one byte, in single quotes.
std::string Quoted(char c) {
  switch (c) {
    case '\'':
      return R"('\'')";
    case '"':
      return R"('"')";
    case '\\':
      return R"('\\')";
    case '\n':
      return R"('\n')";
    case '\r':
      return R"('\r')";
    case '\t':
      return R"('\t')";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f) return std::string("'") + c + "'";
  // Go quotes the byte as the code point with its value.
  if (byte >= 0xa0) {
    const char encoded[] = {static_cast<char>(0xc0 | (byte >> 6)),
                            static_cast<char>(0x80 | (byte & 0x3f)), '\0'};
    return std::string("'") + encoded + "'";
  }
  return byte < 0x80 ? fmt::format("'\\x{:02x}'", byte) : fmt::format("'\\u{:04x}'", byte);
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<std::string> Run() {
    while (!problem_) {
      if (!Value()) break;
      // After a value: close everything that ends here, until another value is due or the text
      // ends.
      while (!problem_ && !expects_value_) {
        if (!AfterValue()) return problem_;
      }
    }
    return problem_;
  }

 private:
  static constexpr std::size_t kMaxDepth = 10'000;

  bool AtEnd() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    return at_ == text_.size();
  }
  bool Fail(std::string_view where) {
    problem_ = at_ >= text_.size()
                   ? "unexpected end of JSON input"
                   : "invalid character " + Quoted(text_[at_]) + " " + std::string(where);
    return false;
  }
  char Next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // Reads one value, or the opening of an object or array; returns false on a problem.
  bool Value() {
    expects_value_ = false;
    if (AtEnd()) return Fail("");
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      ++at_;
      open_.push_back(c);
      if (open_.size() > kMaxDepth) {
        problem_ = "exceeded max depth";
        return false;
      }
      if (AtEnd()) return Fail("");
      if (Next() == (c == '{' ? '}' : ']')) return true;  // AfterValue closes it.
      if (c == '{') return KeyAndColon();
      expects_value_ = true;
      return true;
    }
    if (c == '"') return String();
    if (c == 't') return Literal("true");
    if (c == 'f') return Literal("false");
    if (c == 'n') return Literal("null");
    if (c == '-' || IsDigit(c)) return Number();
    return Fail("looking for beginning of value");
  }

  // Returns false at the end of the text or on a problem.
  bool AfterValue() {
    if (open_.empty()) {
      if (!AtEnd()) Fail("after top-level value");
      return false;
    }
    if (AtEnd()) return Fail("");
    const bool in_object = open_.back() == '{';
    if (Next() == (in_object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return true;
    }
    if (Next() != ',') {
      return Fail(in_object ? "after object key:value pair" : "after array element");
    }
    ++at_;
    if (in_object) return KeyAndColon();
    expects_value_ = true;
    return true;
  }

  bool KeyAndColon() {
    if (AtEnd() || Next() != '"') return Fail("looking for beginning of object key string");
    if (!String()) return false;
    if (AtEnd() || Next() != ':') return Fail("after object key");
    ++at_;
    expects_value_ = true;
    return true;
  }

  bool String() {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return Fail("in string literal");
      if (c != '\\') continue;
      ++at_;
      if (Next() == 'u') {
        for (int i = 0; i < 4; ++i) {
          ++at_;
          if (!IsHex(Next())) return Fail("in \\u hexadecimal character escape");
        }
      } else if (at_ >= text_.size() ||
                 std::string_view("bfnrt\\/\"").find(text_[at_]) == std::string_view::npos) {
        return Fail("in string escape code");
      }
    }
    return Fail("");
  }

  bool Literal(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (Next() == word[i]) continue;
      return Fail("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
    }
    return true;
  }

  bool Digits(std::string_view where) {
    if (!IsDigit(Next())) return Fail(where);
    while (IsDigit(Next())) ++at_;
    return true;
  }
  bool Number() {
    if (Next() == '-') ++at_;
    if (Next() == '0') {
      ++at_;
    } else if (!Digits("in numeric literal")) {
      return false;
    }
    if (Next() == '.') {
      ++at_;
      if (!Digits("after decimal point in numeric literal")) return false;
    }
    if (Next() == 'e' || Next() == 'E') {
      ++at_;
      if (Next() == '+' || Next() == '-') ++at_;
      if (!Digits("in exponent of numeric literal")) return false;
    }
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::vector<char> open_;  // '{' and '[' that are still open
  bool expects_value_ = true;
  std::optional<std::string> problem_;
};

// The number of the escape \uXXXX at the beginning of the text.
std::optional<unsigned> EscapedUnit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const auto read = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (read.ec != std::errc() || read.ptr != text.data() + 6) return std::nullopt;
  return unit;
}
bool IsHighSurrogate(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

std::optional<std::string> GoJsonProblem(std::string_view text) { return Scanner(text).Run(); }

std::string GoJsonText(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  constexpr std::size_t kEscape = 6;  // \uXXXX
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t taken = 1;
    bool replaced = false;
    if (text[i] == '\\') {
      const auto unit = EscapedUnit(text.substr(i));
      if (!unit) {
        taken = 2;
      } else if (IsHighSurrogate(*unit)) {
        const auto next = EscapedUnit(text.substr(std::min(i + kEscape, text.size())));
        replaced = !next || !IsLowSurrogate(*next);
        taken = replaced ? kEscape : 2 * kEscape;
      } else {
        replaced = IsLowSurrogate(*unit);
        taken = kEscape;
      }
    } else if (static_cast<unsigned char>(text[i]) >= 0x80) {
      taken = FirstCharacterBytes(text.substr(i));
      replaced = taken == 0;
      taken = std::max<std::size_t>(taken, 1);
    }
    out += replaced ? kReplacement : text.substr(i, taken);
    i += taken;
  }
  return out;
}

std::string_view GoJsonType(std::string_view text) {
  for (const char c : text) {
    if (IsSpace(c)) continue;
    if (c == '{') return "object";
    if (c == '[') return "array";
    if (c == '"') return "string";
    if (c == 't' || c == 'f') return "bool";
    return c == 'n' ? "" : "number";
  }
  return "";
}

}  // namespace kless::doors
