// Looks into JSON text without making a tree of it: most documents share most of their bytes, and
// whoever asks needs a few members.
//
// For text that a parser has accepted (ResourceFields::is_object); of anything else the result
// means nothing, but nothing is read outside of it and nothing throws.  Keys are as they are
// spelled.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kless {

// Steps through a document once.
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
  // Reads over the value that comes next, and gives its text without blanks around.
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

// Calls `visit(key, value)` for each member of the object that `text` is (blanks around allowed),
// in order.  No object: no calls.
template <class Visit>
void VisitMembers(std::string_view text, Visit visit) {
  RawJson raw(text);
  if (!raw.EnterObject()) return;
  std::string_view key;
  while (raw.NextMember(&key)) {
    const std::string_view value = raw.Value();
    if (value.empty()) return;
    visit(key, value);
  }
}
// The same for the elements of an array: `visit(value)`.
template <class Visit>
void VisitElements(std::string_view text, Visit visit) {
  RawJson raw(text);
  if (!raw.EnterArray()) return;
  while (raw.NextElement()) {
    const std::string_view value = raw.Value();
    if (value.empty()) return;
    visit(value);
  }
}

// The last member of that name; empty: none.
std::string_view MemberOf(std::string_view object, std::string_view key);

// A string's value; nullopt: no string.
std::optional<std::string> StringValue(std::string_view text);
// The same, "" for what is no string.
std::string StringOrEmpty(std::string_view text);
// The contents of a string's text without escapes ("\"n1\"" -> "n1"); "" for any other value.
std::string_view RawString(std::string_view value);
// An integer within 64 bits; nullopt otherwise.
std::optional<long long> IntegerValue(std::string_view text);

}  // namespace kless
