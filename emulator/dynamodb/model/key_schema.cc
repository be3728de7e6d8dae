#include "emulator/dynamodb/model/key_schema.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

Error RefuseKey(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error DoesNotMatch() { return RefuseKey("The provided key element does not match the schema"); }

std::string TypeName(const KeyAttribute& attribute) {
  return std::string(1, KeyTypeLetter(attribute.type));
}

std::string EmptyKeyText(const AttributeValue& value) {
  return std::string("The AttributeValue for a key attribute cannot contain an empty ") +
         (value.Is(ValueType::kString) ? "string" : "binary") + " value.";
}

std::size_t BytesOf(const AttributeValue& value) {
  return value.Is(ValueType::kNumber) ? 0 : value.bytes().size();
}

// Sizes of all attributes of a part count together; numbers always fit.
Result<void> CheckPartSize(const std::vector<AttributeValue>& values, bool is_partition) {
  std::size_t bytes = 0;
  for (const auto& value : values) bytes += BytesOf(value);
  if (bytes <= (is_partition ? kPartitionKeyBytesMax : kSortKeyBytesMax)) return {};
  return RefuseKey(is_partition
                       ? "One or more parameter values were invalid: Size of hashkey has exceeded "
                         "the maximum size limit of2048 bytes"  // sic
                       : "One or more parameter values were invalid: Aggregated size of all range "
                         "keys has exceeded the size limit of 1024 bytes");
}

void AppendEscaped(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    out += c;
    if (c == '\0') out += '\xff';
  }
}

void AppendEnd(std::string& out) { out.append(2, '\0'); }

// Takes one attribute's bytes off a part of several attributes.
std::string TakeEscaped(std::string_view& part) {
  std::string bytes;
  std::size_t at = 0;
  while (at < part.size()) {
    if (part[at] != '\0') {
      bytes += part[at++];
      continue;
    }
    const bool is_end = at + 1 >= part.size() || part[at + 1] == '\0';
    at += 2;
    if (is_end) break;
    bytes += '\0';
  }
  part.remove_prefix(std::min(at, part.size()));
  return bytes;
}

// Calls `visit(attribute, value)` for each attribute of the part.
template <class Visit>
void VisitPart(const std::vector<KeyAttribute>& attributes, std::string_view part, Visit visit) {
  for (const auto& attribute : attributes) {
    auto value = attributes.size() == 1 ? KeyValueFromBytes(attribute.type, part)
                                        : KeyValueFromBytes(attribute.type, TakeEscaped(part));
    if (value) visit(attribute, std::move(*value));
  }
}

// The values of one part of a key; `check(attribute, value)` refuses what is missing (null) or
// wrong.
template <class Check>
Result<std::string> ReadPart(const std::vector<KeyAttribute>& attributes, const AttributeMap& item,
                             bool is_partition, Check check) {
  std::vector<AttributeValue> values;
  values.reserve(attributes.size());
  for (const auto& attribute : attributes) {
    const auto found = item.find(attribute.name);
    const AttributeValue* const value = found == item.end() ? nullptr : &found->second;
    KLESS_TRY_VOID(check(attribute, value));
    values.push_back(*value);
  }
  KLESS_TRY_VOID(CheckPartSize(values, is_partition));
  return KeyPartBytes(attributes, values);
}

template <class Check>
Result<Key> ReadKeyParts(const KeySchema& schema, const AttributeMap& item, Check check) {
  Key key;
  KLESS_TRY(key.partition, ReadPart(schema.partition, item, /*is_partition=*/true, check));
  KLESS_TRY(key.sort, ReadPart(schema.sort, item, /*is_partition=*/false, check));
  return key;
}

bool HasAllKeys(const std::vector<KeyAttribute>& attributes, const AttributeMap& item) {
  return std::all_of(attributes.begin(), attributes.end(), [&](const KeyAttribute& attribute) {
    return item.find(attribute.name) != item.end();
  });
}

Result<void> CheckIndexNotEmpty(const KeyAttribute& attribute, const AttributeValue& value,
                                std::string_view index_name, ItemOrigin origin) {
  if (!IsEmptyKeyValue(value)) return {};
  if (origin == ItemOrigin::kUpdate) {
    return RefuseKey(
        "One or more parameter values are not valid. The update expression attempted to update a "
        "secondary index key to a value that is not supported. " +
        EmptyKeyText(value));
  }
  return RefuseKey(
      "One or more parameter values are not valid. A value specified for a secondary index key is "
      "not supported. " +
      EmptyKeyText(value) + " IndexName: " + std::string(index_name) +
      ", IndexKey: " + attribute.name);
}

Result<void> CheckIndexKey(const KeyAttribute& attribute, const AttributeValue& value,
                           std::string_view index_name, ItemOrigin origin) {
  if (!value.Is(ValueTypeOf(attribute.type))) {
    if (origin == ItemOrigin::kUpdate) {
      return RefuseKey(
          "The update expression attempted to update the secondary index key to unsupported type");
    }
    return IndexTypeError(attribute, value.type(), index_name);
  }
  return CheckIndexNotEmpty(attribute, value, index_name, origin);
}

// Calls `check(attribute, value)` for each attribute of the key that is there and has its type.
template <class Check>
Result<void> CheckPresent(const KeySchema& schema, const AttributeMap& values, Check check) {
  for (const auto* const part : {&schema.partition, &schema.sort}) {
    for (const auto& attribute : *part) {
      const auto found = values.find(attribute.name);
      if (found == values.end() || !found->second.Is(ValueTypeOf(attribute.type))) continue;
      KLESS_TRY_VOID(check(attribute, found->second));
    }
  }
  return {};
}

}  // namespace

std::vector<KeyAttribute> KeySchema::All() const {
  std::vector<KeyAttribute> all = partition;
  all.insert(all.end(), sort.begin(), sort.end());
  return all;
}

const KeyAttribute* KeySchema::Find(std::string_view name) const {
  for (const auto* const part : {&partition, &sort}) {
    for (const auto& attribute : *part) {
      if (attribute.name == name) return &attribute;
    }
  }
  return nullptr;
}

bool IsEmptyKeyValue(const AttributeValue& value) {
  return (value.Is(ValueType::kString) || value.Is(ValueType::kBinary)) && value.bytes().empty();
}

Result<void> CheckKeyValueNotEmpty(std::string_view attribute, const AttributeValue& value) {
  if (!IsEmptyKeyValue(value)) return {};
  return RefuseKey("One or more parameter values are not valid. " + EmptyKeyText(value) +
                   " Key: " + std::string(attribute));
}

Result<Key> KeyOf(const KeySchema& schema, const AttributeMap& key) {
  if (key.size() != schema.partition.size() + schema.sort.size()) return DoesNotMatch();
  return ReadKeyParts(schema, key, [](const KeyAttribute& attribute, const AttributeValue* value) {
    return value && value->Is(ValueTypeOf(attribute.type))
               ? CheckKeyValueNotEmpty(attribute.name, *value)
               : Result<void>(DoesNotMatch());
  });
}

Result<void> CheckStartValue(const KeySchema& schema, const KeyAttribute& attribute,
                             const AttributeMap& start) {
  const auto found = start.find(attribute.name);
  if (found == start.end()) return RefuseKey("The provided starting key is invalid");
  if (!found->second.Is(ValueTypeOf(attribute.type))) return DoesNotMatch();
  KLESS_TRY_VOID(CheckKeyValueNotEmpty(attribute.name, found->second));
  const bool is_partition =
      std::any_of(schema.partition.begin(), schema.partition.end(),
                  [&](const KeyAttribute& each) { return each.name == attribute.name; });
  return CheckPartSize({found->second}, is_partition);
}

Result<Key> KeyOfItem(const KeySchema& schema, const AttributeMap& item) {
  return ReadKeyParts(
      schema, item, [](const KeyAttribute& attribute, const AttributeValue* value) -> Result<void> {
        if (!value) {
          return RefuseKey("One or more parameter values were invalid: Missing the key " +
                           attribute.name + " in the item");
        }
        if (!value->Is(ValueTypeOf(attribute.type))) {
          return RefuseKey("One or more parameter values were invalid: Type mismatch for key " +
                           attribute.name + " expected: " + TypeName(attribute) +
                           " actual: " + std::string(ValueTypeName(value->type())));
        }
        return CheckKeyValueNotEmpty(attribute.name, *value);
      });
}

Error IndexTypeError(const KeyAttribute& attribute, ValueType actual, std::string_view index_name) {
  return RefuseKey("One or more parameter values were invalid: Type mismatch for Index Key " +
                   attribute.name + " Expected: " + TypeName(attribute) + " Actual: " +
                   std::string(ValueTypeName(actual)) + " IndexName: " + std::string(index_name));
}

Result<void> CheckKeyNotEmpty(const KeySchema& schema, const AttributeMap& values) {
  return CheckPresent(schema, values,
                      [](const KeyAttribute& attribute, const AttributeValue& value) {
                        return CheckKeyValueNotEmpty(attribute.name, value);
                      });
}

Result<void> CheckIndexKeyNotEmpty(const KeySchema& schema, std::string_view index_name,
                                   const AttributeMap& item, ItemOrigin origin) {
  return CheckPresent(schema, item,
                      [&](const KeyAttribute& attribute, const AttributeValue& value) {
                        return CheckIndexNotEmpty(attribute, value, index_name, origin);
                      });
}

Result<std::optional<Key>> IndexKeyOf(const KeySchema& schema, std::string_view index_name,
                                      const AttributeMap& item, ItemOrigin origin) {
  // A wrong type refuses the write even if another key attribute is missing.
  for (const auto* const part : {&schema.partition, &schema.sort}) {
    for (const auto& attribute : *part) {
      const auto found = item.find(attribute.name);
      if (found == item.end()) continue;
      KLESS_TRY_VOID(CheckIndexKey(attribute, found->second, index_name, origin));
    }
  }
  if (!HasAllKeys(schema.partition, item) || !HasAllKeys(schema.sort, item)) {
    return std::optional<Key>();
  }
  KLESS_TRY(auto key, ReadKeyParts(schema, item, [](const KeyAttribute&, const AttributeValue*) {
              return Result<void>();
            }));
  return std::optional<Key>(std::move(key));
}

std::optional<Key> IndexKeyIfValid(const KeySchema& schema, const AttributeMap& item) {
  auto key = IndexKeyOf(schema, "", item, ItemOrigin::kPut);
  return key.has_value() ? std::move(*key) : std::nullopt;
}

AttributeMap KeyValues(const KeySchema& schema, const Key& key) {
  AttributeMap attributes;
  const auto add = [&](const KeyAttribute& attribute, AttributeValue value) {
    attributes.insert_or_assign(attribute.name, std::move(value));
  };
  VisitPart(schema.partition, key.partition, add);
  VisitPart(schema.sort, key.sort, add);
  return attributes;
}

std::size_t SizeOfKey(const KeySchema& schema, const Key& key) {
  std::size_t bytes = 0;
  const auto add = [&](const KeyAttribute& attribute, const AttributeValue& value) {
    bytes += attribute.name.size() + SizeOf(value);
  };
  VisitPart(schema.partition, key.partition, add);
  VisitPart(schema.sort, key.sort, add);
  return bytes;
}

void AppendKeyMembers(const KeySchema& schema, const Key& key, std::string& out) {
  bool first = true;
  const auto append = [&](const KeyAttribute& attribute, const AttributeValue& value) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(out, attribute.name);
    out += ':';
    AppendJson(value, out);
  };
  VisitPart(schema.partition, key.partition, append);
  VisitPart(schema.sort, key.sort, append);
}

std::string KeyPartBytes(const std::vector<KeyAttribute>& attributes,
                         const std::vector<AttributeValue>& values) {
  if (attributes.size() == 1) return values.empty() ? std::string() : KeyBytes(values[0]);
  std::string bytes;
  for (const auto& value : values) {
    AppendEscaped(KeyBytes(value), bytes);
    AppendEnd(bytes);
  }
  return bytes;
}

std::string KeyPartPrefix(const std::vector<KeyAttribute>& attributes,
                          const std::vector<AttributeValue>& values) {
  std::string bytes = KeyPartBytes(attributes, values);
  // Without its end, the last value is open: whatever begins with it follows.
  if (attributes.size() > 1 && !values.empty()) bytes.resize(bytes.size() - 2);
  return bytes;
}

std::optional<std::string> AfterPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace kless
