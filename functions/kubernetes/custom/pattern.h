// Regular expressions of schemas: Go's syntax (what only Perl knows does not compile), by an engine
// of Perl's.  Texts are compared by Unicode characters.  Most categories and scripts (\pN,
// \p{Greek}) and the flag U do not compile.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kless::kubernetes {

class Pattern {
 public:
  explicit Pattern(std::string text);
  ~Pattern();

  const std::string& text() const { return text_; }
  bool valid() const { return compiled_ != nullptr; }
  // Whether it matches somewhere in `value`; of a pattern that is not valid, or a match that takes
  // too many steps: true.
  bool Matches(std::string_view value) const;

 private:
  struct Compiled;
  std::string text_;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kless::kubernetes
