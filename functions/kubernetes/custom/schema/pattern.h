// Regular expressions of schemas in Go's syntax, matched by a Perl-style engine; Perl-only
// constructs are rejected.  Texts are compared by Unicode characters.  Most categories and scripts
// (\pN, \p{Greek}) and the flag U are not supported.
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
  // Whether the pattern matches somewhere in `value`.  An invalid pattern matches everything; a
  // match that takes too many steps fails.
  bool Matches(std::string_view value) const;

 private:
  struct Compiled;
  std::string text_;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kless::kubernetes
