// Key schemas of tables and indexes: key attributes out of items, checked, as bytes, and back.
//
// Key bytes compare as DynamoDB orders the values.  A part of one attribute is the bytes of its
// value (key_value.h); a part of several attributes, which only an index has, is the bytes of each
// with 00 written as 00 ff, ended by 00 00, so that the parts compare attribute by attribute.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
//
// Every error is kInvalidArgument with the message of DynamoDB's ValidationException.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/key_value.h"
#include "emulator/dynamodb/model/value.h"
#include "store/item/item.h"

namespace kless {

struct KeyAttribute {
  std::string name;
  KeyType type = KeyType::kString;
  bool operator==(const KeyAttribute&) const = default;
};

struct KeySchema {
  std::vector<KeyAttribute> partition;  // one; an index may have up to four
  std::vector<KeyAttribute> sort;       // none or one; an index may have up to four

  // The partition attributes, then the sort attributes.
  std::vector<KeyAttribute> All() const;
  const KeyAttribute* Find(std::string_view name) const;
  bool Contains(std::string_view name) const { return Find(name) != nullptr; }
  bool operator==(const KeySchema&) const = default;
};

// The key of a request such as GetItem: `key` must have exactly the key attributes.
Result<Key> KeyOf(const KeySchema& schema, const AttributeMap& key);
// One attribute of an ExclusiveStartKey, which must be there and fit the key that a Query or Scan
// reads by.
Result<void> CheckStartValue(const KeySchema& schema, const KeyAttribute& attribute,
                             const AttributeMap& start);
// The key of an item that is put: all key attributes must be there, others may be.
Result<Key> KeyOfItem(const KeySchema& schema, const AttributeMap& item);

// Whether the value is an empty S or B, which no key may be.
bool IsEmptyKeyValue(const AttributeValue& value);
Result<void> CheckKeyValueNotEmpty(std::string_view attribute, const AttributeValue& value);
// No key attribute among `values`, of an item or of a request's key, is an empty S or B.
// Transactions refuse that before they begin; KeyOf, KeyOfItem and IndexKeyOf find it, too.
Result<void> CheckKeyNotEmpty(const KeySchema& schema, const AttributeMap& values);

// "Type mismatch for Index Key ...".
Error IndexTypeError(const KeyAttribute& attribute, ValueType actual, std::string_view index_name);

enum class ItemOrigin { kPut, kUpdate };
// The key of an item in an index; nullopt if the item lacks a key attribute and so is not in it.
// An attribute of the wrong type refuses the write; the text depends on the kind of write.
Result<std::optional<Key>> IndexKeyOf(const KeySchema& schema, std::string_view index_name,
                                      const AttributeMap& item, ItemOrigin origin);
// CheckKeyNotEmpty for the key of an index.
Result<void> CheckIndexKeyNotEmpty(const KeySchema& schema, std::string_view index_name,
                                   const AttributeMap& item, ItemOrigin origin);
// IndexKeyOf without a check: an item whose values do not fit is not in the index.  Backfilling
// skips such items.
std::optional<Key> IndexKeyIfValid(const KeySchema& schema, const AttributeMap& item);

// The attributes that a key consists of.
AttributeMap KeyValues(const KeySchema& schema, const Key& key);
// Their size, as SizeOf of them.
std::size_t SizeOfKey(const KeySchema& schema, const Key& key);
// Appends them as members of a JSON object, without braces: "a":{"S":"1"},"b":{"N":"2"}.
void AppendKeyMembers(const KeySchema& schema, const Key& key, std::string& out);

// The bytes of one part of a key (`attributes` is KeySchema::partition or sort) whose first values
// are `values`; fewer values than attributes give the common beginning of all keys that have them.
std::string KeyPartBytes(const std::vector<KeyAttribute>& attributes,
                         const std::vector<AttributeValue>& values);
// The bytes with which the parts begin whose last value in `values` begins with that value (S, B).
std::string KeyPartPrefix(const std::vector<KeyAttribute>& attributes,
                          const std::vector<AttributeValue>& values);
// The smallest bytes that are greater than all that begin with `prefix`; nullopt if there are none.
std::optional<std::string> AfterPrefix(std::string prefix);

}  // namespace kless
