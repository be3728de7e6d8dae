// Regular expressions of schemas: Go's syntax and matching, by RE2, whose time is linear in the
// length of the text.  Texts are compared by Unicode characters and must be UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace kless::kubernetes {

class Pattern {
 public:
  explicit Pattern(std::string text);
  ~Pattern();

  const std::string& text() const { return text_; }
  bool valid() const { return problem_.empty(); }
  // What is wrong with the pattern, in the words of Go's regexp.Compile; empty if it is valid.
  const std::string& problem() const { return problem_; }
  // Whether the pattern matches somewhere in `value`.  An invalid pattern matches everything.
  bool Matches(std::string_view value) const;

 private:
  std::string text_;
  std::unique_ptr<const re2::RE2> compiled_;
  std::string problem_;
};

}  // namespace kless::kubernetes
