#include "emulator/dynamodb/model/stored_item.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

// The document attribute is stored apart if it is a string that is not empty; any other value of it
// is an attribute like others.
bool IsDocument(const ItemLayout& layout, const std::string& name, const AttributeValue& value) {
  return !layout.document_attribute.empty() && name == layout.document_attribute &&
         value.Is(ValueType::kString) && !value.bytes().empty();
}

// How deep text that is damaged may lead.
constexpr int kTextNestingMax = 64;
constexpr std::size_t kDocumentOverhead = 3;

// Reads normalised text from front to back: no blanks, one type per value.  Text of another form is
// read as far as it goes, never beyond its end.
class NormalText {
 public:
  explicit NormalText(std::string_view text) : text_(text) {}

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // What is between the quotes of the string that comes next, escapes as they are.
  std::string_view Quoted() {
    if (!Take('"')) return Fail();
    const std::size_t begin = at_;
    while (true) {
      const void* const found =
          at_ < text_.size() ? std::memchr(text_.data() + at_, '"', text_.size() - at_) : nullptr;
      if (!found) return Fail();
      const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      std::size_t backslashes = 0;
      while (backslashes < quote - begin && text_[quote - 1 - backslashes] == '\\') ++backslashes;
      at_ = quote + 1;
      if (backslashes % 2 == 0) return text_.substr(begin, quote - begin);
    }
  }

  // The size of the item or map that comes next; `each_more` is counted for every attribute.
  std::size_t Attributes(std::size_t each_more, int depth) {
    std::size_t bytes = 0;
    if (!Take('{')) return 0;
    while (!Take('}')) {
      bytes += UnescapedBytes(Quoted()) + each_more;
      Take(':');
      bytes += Value(depth);
      if (!Take(',') && !Peek('}')) return bytes;
    }
    return bytes;
  }

  // The size of the value that comes next.
  std::size_t Value(int depth) {
    if (depth > kTextNestingMax || !Take('{')) {
      Fail();
      return 0;
    }
    const auto type = ValueTypeFromName(Quoted());
    Take(':');
    const std::size_t bytes = type ? Contents(*type, depth) : 0;
    Take('}');
    return bytes;
  }

  // Moves behind the name `quoted` of a top-level attribute, to its value; false if there is none.
  bool FindAttribute(std::string_view quoted) {
    if (!Take('{')) return false;
    while (!Peek('}')) {
      const std::string_view name = Quoted();
      Take(':');
      if (name == quoted) return at_ < text_.size();
      RawJson rest(text_.substr(at_));
      const std::string_view value = rest.Value();
      if (value.empty()) return false;
      at_ += value.size();
      Take(',');
    }
    return false;
  }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  bool Peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  // Nothing more is read.
  std::string_view Fail() {
    at_ = text_.size();
    return {};
  }

  // The number of bytes that the contents of a string stand for.
  static std::size_t UnescapedBytes(std::string_view text) {
    std::size_t bytes = text.size();
    std::size_t at = 0;
    while (at < text.size()) {
      const void* const found = std::memchr(text.data() + at, '\\', text.size() - at);
      if (!found) break;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      // Normalised text uses \\u00XX for control characters only: six characters for one byte.
      const std::size_t length = at + 1 < text.size() && text[at + 1] == 'u' ? 6 : 2;
      bytes -= std::min(length, text.size() - at) - 1;
      at += length;
    }
    return bytes;
  }

  static std::size_t NumberBytes(std::string_view text) {
    const auto number = Decimal::Parse(text);
    return number.has_value() ? number.value().StoredBytes() : 0;
  }

  static std::size_t BinaryBytes(std::string_view base64) {
    if (base64.size() < 4) return 0;
    std::size_t bytes = base64.size() / 4 * 3;
    if (base64[base64.size() - 1] == '=') --bytes;
    if (base64[base64.size() - 2] == '=') --bytes;
    return bytes;
  }

  // Calls `element()` at each element of the array that comes next.
  template <class Element>
  void Array(Element element) {
    if (!Take('[')) return;
    while (!Take(']')) {
      if (at_ >= text_.size()) return;
      element();
      if (!Take(',') && !Peek(']')) {
        Fail();
        return;
      }
    }
  }

  std::size_t Contents(ValueType type, int depth) {
    std::size_t bytes = 0;
    switch (type) {
      case ValueType::kString:
        return UnescapedBytes(Quoted());
      case ValueType::kNumber:
        return NumberBytes(Quoted());
      case ValueType::kBinary:
        return BinaryBytes(Quoted());
      case ValueType::kBool:
      case ValueType::kNull:
        while (at_ < text_.size() && !Peek('}')) ++at_;
        return 1;
      case ValueType::kStringSet:
        Array([&] { bytes += UnescapedBytes(Quoted()); });
        return bytes;
      case ValueType::kNumberSet:
        Array([&] { bytes += NumberBytes(Quoted()); });
        return bytes;
      case ValueType::kBinarySet:
        Array([&] { bytes += BinaryBytes(Quoted()); });
        return bytes;
      case ValueType::kList:
        Array([&] { bytes += Value(depth + 1) + 1; });
        return kDocumentOverhead + bytes;
      case ValueType::kMap:
        return kDocumentOverhead + Attributes(1, depth + 1);
    }
    return 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Item> ToStoredItem(const ItemLayout& layout, AttributeMap attributes) {
  Item item;
  KLESS_TRY(item.key, KeyOfItem(layout.keys, attributes));
  for (const auto* const part : {&layout.keys.partition, &layout.keys.sort}) {
    for (const auto& attribute : *part) attributes.erase(attribute.name);
  }
  if (!layout.document_attribute.empty()) {
    const auto found = attributes.find(layout.document_attribute);
    if (found != attributes.end() && IsDocument(layout, found->first, found->second)) {
      item.document = found->second.bytes();
      attributes.erase(found);
    }
  }
  if (!attributes.empty()) AppendJson(attributes, item.attributes);
  return item;
}

Result<AttributeMap> AttributesOf(const ItemLayout& layout, const Item& item,
                                  PaddedParser& parser) {
  KLESS_TRY(auto attributes, ParseItem(item.attributes, parser));
  attributes.merge(KeyValues(layout.keys, item.key));
  if (!item.document.empty()) {
    attributes.insert_or_assign(layout.document_attribute, AttributeValue::String(item.document));
  }
  return attributes;
}

void AppendItemJson(const ItemLayout& layout, const Item& item, std::string& out) {
  out += '{';
  AppendKeyMembers(layout.keys, item.key, out);
  if (!item.document.empty()) {
    out += ',';
    AppendJsonString(out, layout.document_attribute);
    out += R"(:{"S":)";
    AppendJsonString(out, item.document);
    out += '}';
  }
  if (item.attributes.size() > 2) {
    out += ',';
    out.append(item.attributes, 1, item.attributes.size() - 2);
  }
  out += '}';
}

std::size_t SizeOfValueJson(std::string_view value) { return NormalText(value).Value(0); }

std::size_t SizeOfItemJson(std::string_view item) { return NormalText(item).Attributes(0, 0); }

std::size_t SizeOfStored(const ItemLayout& layout, const Item& item) {
  if (item.size.bytes() != 0) return item.size.bytes();
  std::size_t bytes = SizeOfKey(layout.keys, item.key) + SizeOfItemJson(item.attributes);
  if (!item.document.empty()) bytes += layout.document_attribute.size() + item.document.size();
  item.size.Remember(bytes);
  return bytes;
}

const AttributeValue* MapSource::Find(std::string_view name) const {
  if (!item_) return nullptr;
  const auto found = item_->find(name);
  return found == item_->end() ? nullptr : &found->second;
}

const AttributeValue* StoredSource::Find(std::string_view name) const {
  auto found = found_.find(name);
  if (found == found_.end()) found = found_.emplace(std::string(name), Read(name)).first;
  return found->second ? &*found->second : nullptr;
}

std::optional<AttributeValue> StoredSource::Read(std::string_view name) const {
  if (layout_.keys.Contains(name)) {
    auto keys = KeyValues(layout_.keys, item_.key);
    const auto found = keys.find(name);
    if (found == keys.end()) return std::nullopt;
    return std::move(found->second);
  }
  if (!item_.document.empty() && name == layout_.document_attribute) {
    return AttributeValue::String(item_.document);
  }
  // Names stand in the text as AppendJsonString writes them.
  std::string quoted;
  AppendJsonString(quoted, name);
  NormalText attributes(item_.attributes);
  if (!attributes.FindAttribute(std::string_view(quoted).substr(1, quoted.size() - 2))) {
    return std::nullopt;
  }
  RawJson rest(attributes.rest());
  auto value = ParseValue(rest.Value(), parser_);
  if (value.has_error()) return std::nullopt;
  return std::move(value.value());
}

}  // namespace kless
