// RawJson: reads members of JSON text without building a tree: most documents share most of their
// bytes, and callers need only a few members.
//
// The text must have been accepted by a parser (ResourceFields::is_object); for other text the
// result is meaningless, but nothing outside of it is read and nothing throws.  Keys are returned
// as spelled in the text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kless {

// Traverses a document once.
class RawJson {
 public:
  explicit RawJson(std::string_view text) : text_(text) {}

  // Enters the object (or array) that comes next.  Returns false, without reading anything, if
  // something else comes.
  bool EnterObject() { return Enter('{'); }
  bool EnterArray() { return Enter('['); }
  // Advances to the value of the object's next member.  Returns false at the end of the object,
  // which is then left.
  bool NextMember(std::string_view* key);
  // Advances to the array's next element.  Returns false at the end of the array, which is then
  // left.
  bool NextElement();
  // Skips the next value and returns its text without surrounding white space.
  std::string_view Value();
  // The offset of the next token (or of white space before it).
  std::size_t position() const { return at_; }

 private:
  bool Enter(char bracket);
  void SkipSpace();
  void SkipString();  // requires the opening quote at at_

  std::string_view text_;
  std::size_t at_ = 0;
};

// Calls `visit(key, value)` for each member of the object `text` (white space around it is
// allowed), in order.  If it is not an object, there are no calls.
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
// Calls `visit(value)` for each element of an array, likewise.
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

// The last member of that name; empty if there is none.
std::string_view MemberOf(std::string_view object, std::string_view key);

// The value of a string; nullopt if it is not a string.
std::optional<std::string> StringValue(std::string_view text);
// The same, "" if it is not a string.
std::string StringOrEmpty(std::string_view text);
// The contents of a string's text if it has no escapes ("\"n1\"" -> "n1"); "" for any other value.
std::string_view RawString(std::string_view value);
// An integer within 64 bits; nullopt otherwise.
std::optional<long long> IntegerValue(std::string_view text);

}  // namespace kless
