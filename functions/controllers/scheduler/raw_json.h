// RawJson: walks the text of a JSON document without building anything: what a pod's scheduler
// needs of it is a few members, and most pods share those byte for byte.
//
// For text that is known to be valid JSON (ResourceFields::is_object); of any other text it reads
// within bounds and ends early.  Keys are compared as they are spelled.
#pragma once

#include <cstddef>
#include <string_view>

namespace kless::controllers::scheduler {

class RawJson {
 public:
  explicit RawJson(std::string_view text) : text_(text) {}

  // Steps into the object (array) that comes next.  False: something else comes; nothing is read.
  bool EnterObject() { return Enter('{'); }
  bool EnterArray() { return Enter('['); }
  // Steps to the value of the object's next member.  False: the object has ended, and is left.
  bool NextMember(std::string_view* key);
  // Steps to the array's next element.  False: the array has ended, and is left.
  bool NextElement();
  // Reads over the value that comes next, and gives its text.
  std::string_view Value();
  // The offset of what comes next (or of white space before it).
  std::size_t position() const { return at_; }

 private:
  bool Enter(char bracket);
  void SkipSpace();
  void SkipString();  // at the opening quote

  std::string_view text_;
  std::size_t at_ = 0;
};

// The contents of a string's text without escapes ("\"n1\"" -> "n1"); "" for any other value.
std::string_view RawString(std::string_view value);

}  // namespace kless::controllers::scheduler
