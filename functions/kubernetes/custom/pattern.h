// Regular expressions of schemas: Go's syntax and meaning, as far as Perl's are the same.  Texts
// are compared by Unicode characters.  What only Go knows (\pN of scripts, (?P<name>...)) does not
// compile.
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
