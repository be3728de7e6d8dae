#include "functions/kubernetes/custom/schema/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kless::kubernetes {

namespace {

// A pattern that needs a larger program is invalid.  Go's own limit is about twice as high.
constexpr int kProgramBytes = 64 << 20;

constexpr std::string_view kGoGroup = "(?<";    // begins a named group since Go 1.22
constexpr std::string_view kRe2Group = "(?P<";  // the same in RE2, and in every version of Go

struct Translation {
  std::string text;       // the pattern as RE2 reads it
  bool any_byte = false;  // it contains \C, which only RE2 knows
};

// Rewrites the named groups.  What is escaped, quoted or within a character class is none.
Translation ToRe2(std::string_view go) {
  Translation translation;
  bool in_class = false;
  while (!go.empty()) {
    std::size_t taken = 1;
    if (go[0] == '\\') {
      taken = 2;
      translation.any_byte = translation.any_byte || go.starts_with("\\C");
      if (go.starts_with("\\Q") && !in_class) taken = std::min(go.find("\\E"), go.size() - 2) + 2;
    } else if (in_class) {
      const std::size_t end = go.starts_with("[:") ? go.find(":]") : std::string_view::npos;
      if (end != std::string_view::npos) taken = end + 2;
      in_class = go[0] != ']';
    } else if (go[0] == '[') {
      in_class = true;
      if (go.starts_with("[^")) taken = 2;
      if (go.substr(taken).starts_with(']')) ++taken;  // A first bracket stands for itself.
    } else if (go.starts_with(kGoGroup)) {
      translation.text += kRe2Group;
      go.remove_prefix(kGoGroup.size());
      continue;
    }
    taken = std::min(taken, go.size());
    translation.text += go.substr(0, taken);
    go.remove_prefix(taken);
  }
  return translation;
}

// https://github.com/golang/go/blob/go1.24.0/src/regexp/syntax/parse.go
const char* GoMessage(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "regexp/syntax: internal error";
  }
}

// A part of the translated pattern as it stood in the original.
std::string Original(std::string part, const std::string& text, const std::string& translated) {
  if (part == translated) return text;
  const std::size_t at = part.find(kRe2Group);
  if (at != std::string::npos && text.find(part) == std::string::npos) {
    part.replace(at, kRe2Group.size(), kGoGroup);
  }
  return part;
}

std::string Problem(const char* what, const std::string& where) {
  return "error parsing regexp: " + std::string(what) + ": `" + where + "`";
}

}  // namespace

Pattern::Pattern(std::string text) : text_(std::move(text)) {
  const Translation translation = ToRe2(text_);
  if (translation.any_byte) {
    problem_ = Problem(GoMessage(re2::RE2::ErrorBadEscape), "\\C");
    return;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kProgramBytes);
  compiled_ = std::make_unique<const re2::RE2>(translation.text, options);
  if (compiled_->ok()) return;
  problem_ = Problem(GoMessage(compiled_->error_code()),
                     Original(compiled_->error_arg(), text_, translation.text));
}

Pattern::~Pattern() = default;

bool Pattern::Matches(std::string_view value) const {
  return !valid() || re2::RE2::PartialMatch(value, *compiled_);
}

}  // namespace kless::kubernetes
