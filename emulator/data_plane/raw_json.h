// Looks into JSON text without making a tree of it: members and elements as views of the text.
//
// Meant for text that a parser has accepted (ResourceFields::is_object); of anything else the
// result means nothing, but nothing is read outside of it and nothing throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::data_plane {

// Calls `visit(key, value)` for each member of the object that `text` is (blanks around allowed),
// in order; key without its quotes and with its escapes, value as it is written.  No object: no
// calls.
template <class Visit>
void VisitMembers(std::string_view text, Visit visit);
template <class Visit>
void VisitElements(std::string_view text, Visit visit);

// The last member of that name; empty: none.
std::string_view MemberOf(std::string_view object, std::string_view key);

// A string's value; nullopt: no string.
std::optional<std::string> StringValue(std::string_view text);
// The same, "" for what is no string.
std::string StringOrEmpty(std::string_view text);
// An integer within 64 bits; nullopt otherwise.
std::optional<long long> IntegerValue(std::string_view text);

// The steps of the two loops above.
namespace raw {
// The offset behind blanks.
std::size_t SkipBlanks(std::string_view text, std::size_t at);
// The offset behind the value that begins at `at`; text.size() if it does not end.
std::size_t SkipValue(std::string_view text, std::size_t at);
// At a key's quote: sets key and value and returns the offset behind the value; npos: malformed.
std::size_t NextMember(std::string_view text, std::size_t at, std::string_view* key,
                       std::string_view* value);
// Behind the bracket or a comma: the offset of what comes next; npos: nothing.
std::size_t Begin(std::string_view text, char bracket);
std::size_t BehindComma(std::string_view text, std::size_t at);
}  // namespace raw

template <class Visit>
void VisitMembers(std::string_view text, Visit visit) {
  std::size_t at = raw::Begin(text, '{');
  while (at < text.size()) {
    std::string_view key, value;
    at = raw::NextMember(text, at, &key, &value);
    if (at == std::string_view::npos) return;
    visit(key, value);
    at = raw::BehindComma(text, at);
  }
}

template <class Visit>
void VisitElements(std::string_view text, Visit visit) {
  std::size_t at = raw::Begin(text, '[');
  while (at < text.size() && text[at] != ']') {
    const std::size_t end = raw::SkipValue(text, at);
    visit(text.substr(at, end - at));
    at = raw::BehindComma(text, end);
  }
}

}  // namespace kless::data_plane
