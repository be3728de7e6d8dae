// The engine limits the steps of one search to some 10 ms; a pattern that needs more does not
// match.
#define BOOST_REGEX_MAX_STATE_COUNT 1000000

#include "functions/kubernetes/custom/schema/pattern.h"

#include <algorithm>
#include <boost/regex.hpp>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "functions/kubernetes/custom/schema/characters.h"

namespace kless::kubernetes {

namespace {

bool IsDigit(wchar_t c) { return c >= L'0' && c <= L'9'; }
bool IsPatternLetter(wchar_t c) { return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z'); }

// Translates Go's syntax to Boost's: reads the pattern once, and throws std::runtime_error for
// constructs that Boost knows and Go does not. https://pkg.go.dev/regexp/syntax
class Translation {
 public:
  explicit Translation(const std::wstring& text) : text_(text) {}

  std::wstring Run() {
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case L'\\':
          Escape();
          break;
        case L'[':
          Class();
          break;
        case L'(':
          Group();
          break;
        case L'*':
        case L'+':
        case L'?':
          Take(1);
          Repeated();
          break;
        case L'{':
          Count();
          break;
        default:
          Take(1);
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] static void Refuse() { throw std::runtime_error("not Go's syntax"); }
  wchar_t Ahead(std::size_t by) const { return at_ + by < text_.size() ? text_[at_ + by] : L'\0'; }
  void Take(std::size_t count) {
    out_.append(text_, at_, count);
    at_ += count;
  }

  void Escape() {
    const wchar_t c = Ahead(1);
    constexpr std::wstring_view kKnown = L"AbBzdDsSwWafnrtvxpPQEC";
    const bool octal = c == L'0' || (IsDigit(c) && c < L'8' && Ahead(2) >= L'0' && Ahead(2) < L'8');
    if (c == L'\0') Refuse();
    if (c == L'Q') return Take(std::min(text_.find(L"\\E", at_), text_.size() - 2) + 2 - at_);
    if (IsDigit(c) ? !octal : IsPatternLetter(c) && kKnown.find(c) == std::wstring_view::npos)
      Refuse();
    const bool braced = (c == L'p' || c == L'P' || c == L'x') && Ahead(2) == L'{';
    const std::size_t end = braced ? text_.find(L'}', at_) : std::wstring::npos;
    Take(end == std::wstring::npos ? 2 : end + 1 - at_);
  }

  // A '-' outside of a range stands for itself anywhere.
  void Class() {
    Take(1);
    if (Ahead(0) == L'^') Take(1);
    for (bool first = true; at_ < text_.size() && (first || Ahead(0) != L']'); first = false) {
      if (Ahead(0) == L'[' && Ahead(1) == L':') {
        const std::size_t end = text_.find(L":]", at_ + 2);
        if (end != std::wstring::npos) {
          Take(end + 2 - at_);
          continue;
        }
      }
      constexpr std::wstring_view kClasses = L"dDsSwWpP";
      const bool is_class = Ahead(0) == L'\\' && kClasses.find(Ahead(1)) != std::wstring_view::npos;
      Character();
      if (is_class || Ahead(0) != L'-' || Ahead(1) == L']' || Ahead(1) == L'\0') continue;
      Take(1);
      Character();
    }
  }
  void Character() {
    if (Ahead(0) == L'-') {
      out_ += L"\\-";
      ++at_;
    } else if (Ahead(0) == L'[') {
      out_ += L"\\[";
      ++at_;
    } else if (Ahead(0) == L'\\') {
      Escape();
    } else {
      Take(1);
    }
  }

  // Only flags and names are allowed: (?i) (?i:...) (?P<name>...) (?<name>...).
  void Group() {
    if (Ahead(1) != L'?') return Take(1);
    if (Ahead(2) == L'P' && Ahead(3) == L'<') {
      out_ += L"(?<";
      at_ += 4;
      return;
    }
    if (Ahead(2) == L'<' && Ahead(3) != L'=' && Ahead(3) != L'!') return Take(3);
    std::size_t end = 2;
    while (Ahead(end) == L'i' || Ahead(end) == L'm' || Ahead(end) == L's' || Ahead(end) == L'-') {
      ++end;
    }
    if (Ahead(end) != L':' && Ahead(end) != L')') Refuse();
    Take(end);
  }

  // After a repetition, '?' makes it lazy; another repetition has nothing to repeat.
  void Repeated() {
    if (Ahead(0) == L'?') Take(1);
    if (Ahead(0) == L'*' || Ahead(0) == L'+' || Ahead(0) == L'?') Refuse();
  }

  // {2}, {2,} and {2,5} repeat, up to a thousand times; other braces are text.
  void Count() {
    std::size_t end = 1;
    int number = 0;
    bool too_large = false;
    for (int commas = 0; IsDigit(Ahead(end)) || (Ahead(end) == L',' && end > 1 && commas++ == 0);
         ++end) {
      number = Ahead(end) == L',' ? 0 : number * 10 + static_cast<int>(Ahead(end) - L'0');
      too_large = too_large || number > 1000;
      if (too_large) number = 1001;
    }
    if (end == 1 || Ahead(end) != L'}') {
      out_ += L"\\{";
      ++at_;
      return;
    }
    if (too_large) Refuse();
    Take(end + 1);
    Repeated();
  }

  const std::wstring& text_;
  std::size_t at_ = 0;
  std::wstring out_;
};

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::wstring& text)
      : expression(text, boost::regex_constants::perl | boost::regex_constants::no_mod_m |
                             boost::regex_constants::no_mod_s) {}
  boost::wregex expression;
};

Pattern::Pattern(std::string text) : text_(std::move(text)) {
  try {
    compiled_ = std::make_unique<const Compiled>(Translation(Characters(text_)).Run());
  } catch (const std::runtime_error&) {
    // The pattern is invalid.
  }
}

Pattern::~Pattern() = default;

bool Pattern::Matches(std::string_view value) const {
  if (compiled_ == nullptr) return true;
  try {
    return boost::regex_search(
        Characters(value), compiled_->expression,
        boost::regex_constants::match_single_line | boost::regex_constants::match_not_dot_newline);
  } catch (const std::runtime_error&) {  // It took too many steps.
    return false;
  }
}

}  // namespace kless::kubernetes
