#include "emulator/dynamodb/model/stored_item.h"

#include <cstring>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

// The document attribute is stored apart if it is a string that is not empty; any other value of it
// is an attribute like others.
bool IsDocument(const ItemLayout& layout, const std::string& name, const AttributeValue& value) {
  return !layout.document_attribute.empty() && name == layout.document_attribute &&
         value.Is(ValueType::kString) && !value.bytes().empty();
}

// The number of bytes that a JSON string stands for; `text` is what is between the quotes.
std::size_t UnescapedBytes(std::string_view text) {
  std::size_t bytes = text.size();
  std::size_t at = 0;
  while (at < text.size()) {
    const void* const found = std::memchr(text.data() + at, '\\', text.size() - at);
    if (!found) break;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    // Normalised text uses \u00XX for control characters only: six characters for one byte.
    const std::size_t length = at + 1 < text.size() && text[at + 1] == 'u' ? 6 : 2;
    bytes -= length - 1;
    at += length;
  }
  return bytes;
}

std::size_t StringBytes(std::string_view quoted) {
  return quoted.size() < 2 ? 0 : UnescapedBytes(quoted.substr(1, quoted.size() - 2));
}

std::size_t NumberBytes(std::string_view quoted) {
  if (quoted.size() < 2) return 0;
  const auto number = Decimal::Parse(quoted.substr(1, quoted.size() - 2));
  return number.has_value() ? number.value().StoredBytes() : 0;
}

std::size_t BinaryBytes(std::string_view quoted) {
  if (quoted.size() < 6) return 0;
  std::size_t bytes = (quoted.size() - 2) / 4 * 3;
  if (quoted[quoted.size() - 2] == '=') --bytes;
  if (quoted[quoted.size() - 3] == '=') --bytes;
  return bytes;
}

template <class SizeOfElement>
std::size_t SumElements(std::string_view array, SizeOfElement size_of, std::size_t each_more = 0) {
  std::size_t bytes = 0;
  VisitElements(array, [&](std::string_view element) { bytes += size_of(element) + each_more; });
  return bytes;
}

constexpr std::size_t kDocumentOverhead = 3;

std::size_t SizeOfMember(ValueType type, std::string_view value) {
  switch (type) {
    case ValueType::kString:
      return StringBytes(value);
    case ValueType::kNumber:
      return NumberBytes(value);
    case ValueType::kBinary:
      return BinaryBytes(value);
    case ValueType::kBool:
    case ValueType::kNull:
      return 1;
    case ValueType::kStringSet:
      return SumElements(value, StringBytes);
    case ValueType::kNumberSet:
      return SumElements(value, NumberBytes);
    case ValueType::kBinarySet:
      return SumElements(value, BinaryBytes);
    case ValueType::kList:
      return kDocumentOverhead + SumElements(value, SizeOfValueJson, 1);
    case ValueType::kMap: {
      std::size_t bytes = kDocumentOverhead;
      VisitMembers(value, [&](std::string_view name, std::string_view member) {
        bytes += UnescapedBytes(name) + SizeOfValueJson(member) + 1;
      });
      return bytes;
    }
  }
  return 0;
}

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

std::size_t SizeOfValueJson(std::string_view value) {
  std::size_t bytes = 0;
  VisitMembers(value, [&](std::string_view name, std::string_view member) {
    if (const auto type = ValueTypeFromName(name)) bytes = SizeOfMember(*type, member);
  });
  return bytes;
}

std::size_t SizeOfItemJson(std::string_view item) {
  std::size_t bytes = 0;
  VisitMembers(item, [&](std::string_view name, std::string_view value) {
    bytes += UnescapedBytes(name) + SizeOfValueJson(value);
  });
  return bytes;
}

std::size_t SizeOfStored(const ItemLayout& layout, const Item& item) {
  std::size_t bytes = SizeOf(KeyValues(layout.keys, item.key)) + SizeOfItemJson(item.attributes);
  if (!item.document.empty()) bytes += layout.document_attribute.size() + item.document.size();
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
  const std::string_view text =
      MemberOf(item_.attributes, std::string_view(quoted).substr(1, quoted.size() - 2));
  if (text.empty()) return std::nullopt;
  auto value = ParseValue(text, parser_);
  if (value.has_error()) return std::nullopt;
  return std::move(value.value());
}

}  // namespace kless
