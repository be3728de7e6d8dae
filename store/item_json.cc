#include "store/item_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/padded_parser.h"
#include "emulator/base/strings.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

using nlohmann::json;

Error InvalidJson(const std::string& attribute, const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "attribute " + attribute + ": " + what);
}

json KeyValueToJson(KeyType type, const std::string& bytes) {
  std::string text = DecodeKeyValue(type, bytes);
  if (type == KeyType::kBinary) text = Base64Encode(text);
  return json{{std::string(1, KeyTypeLetter(type)), std::move(text)}};
}

// Converts the key attribute `name` of an item into key bytes.
Result<std::string> KeyValueFromJson(const json& item, const std::string& name, KeyType type,
                                     bool is_partition) {
  const auto found = item.find(name);
  if (found == item.end()) return InvalidJson(name, "is missing; it is a key of the table");
  const std::string letter(1, KeyTypeLetter(type));
  if (!found->is_object() || found->size() != 1 || found->begin().key() != letter ||
      !found->begin()->is_string()) {
    return InvalidJson(
        name, "is a key of type " + letter + R"(; it must be {")" + letter + R"(": "..."})");
  }
  std::string text = found->begin()->get<std::string>();
  if (type == KeyType::kBinary) {
    auto bytes = Base64Decode(text);
    if (!bytes) return InvalidJson(name, "B is not base64");
    text = std::move(*bytes);
  }
  auto encoded = EncodeKeyValue(type, text, is_partition);
  if (encoded.has_error()) return InvalidJson(name, encoded.error().message);
  return encoded;
}

Result<Key> ReadKey(const TableDescription& table, const json& item) {
  if (!item.is_object()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "an item of table " + table.name + " must be a JSON object");
  }
  Key key;
  KLESS_TRY(auto partition,
            KeyValueFromJson(item, table.partition_key, table.partition_type, true));
  key.partition = std::move(partition);
  if (!table.sort_key.empty()) {
    KLESS_TRY(auto sort, KeyValueFromJson(item, table.sort_key, table.sort_type, false));
    key.sort = std::move(sort);
  }
  return key;
}

// The normalised text of the attribute `name`.
Result<std::string> AttributeText(const std::string& name, const json& value,
                                  PaddedParser& parser) {
  simdjson::dom::element root;
  if (!parser.Parse(DumpJson(value), root)) return InvalidJson(name, "is not a DynamoDB value");
  auto types = CheckValueTypes(root);
  if (types.has_error()) return InvalidJson(name, types.error().message);
  auto read = ReadValue(root);
  if (read.has_error()) return InvalidJson(name, read.error().message);
  return ToJson(read.value());
}

bool IsKeyAttribute(const TableDescription& table, const std::string& name) {
  return name == table.partition_key || (!table.sort_key.empty() && name == table.sort_key);
}

// Item::document holds a non-empty string; any other value of that attribute stays among the item's
// other attributes, so that it is returned as it was written.
const std::string* DocumentText(const TableDescription& table, const std::string& name,
                                const json& value) {
  if (table.document_attribute.empty() || name != table.document_attribute) return nullptr;
  if (!value.is_object() || value.size() != 1 || value.begin().key() != "S") return nullptr;
  const auto* const text = value.begin()->get_ptr<const std::string*>();
  return text && !text->empty() ? text : nullptr;
}

}  // namespace

json ItemToJson(const TableDescription& table, const Item& item) {
  json out = json::object();
  if (!item.attributes.empty()) {
    out = json::parse(item.attributes, nullptr, /*allow_exceptions=*/false);
    if (!out.is_object()) out = json::object();
  }
  out[table.partition_key] = KeyValueToJson(table.partition_type, item.key.partition);
  if (!table.sort_key.empty()) {
    out[table.sort_key] = KeyValueToJson(table.sort_type, item.key.sort);
  }
  if (!table.document_attribute.empty() && !item.document.empty()) {
    out[table.document_attribute] = json{{"S", item.document}};
  }
  return out;
}

Result<Key> KeyFromJson(const TableDescription& table, const json& item) {
  auto key = ReadKey(table, item);
  if (key.has_error()) return key;
  for (const auto& [name, value] : item.items()) {
    if (!IsKeyAttribute(table, name)) {
      return InvalidJson(name, "is not a key of table " + table.name);
    }
  }
  return key;
}

Result<Item> ItemFromJson(const TableDescription& table, const json& source) {
  KLESS_TRY(auto key, ReadKey(table, source));
  Item item;
  item.key = std::move(key);
  PaddedParser parser;
  for (const auto& [name, value] : source.items()) {
    if (IsKeyAttribute(table, name)) continue;
    if (name.empty()) {
      return MakeError(ErrorCode::kInvalidArgument, "an attribute has an empty name");
    }
    if (const std::string* const document = DocumentText(table, name, value)) {
      item.document = *document;
      continue;
    }
    KLESS_TRY(const auto text, AttributeText(name, value, parser));
    item.attributes += item.attributes.empty() ? '{' : ',';
    AppendJsonString(item.attributes, name);
    item.attributes += ':' + text;
  }
  if (!item.attributes.empty()) item.attributes += '}';
  return item;
}

}  // namespace kless
