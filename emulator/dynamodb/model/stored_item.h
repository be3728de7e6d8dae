// Items between their stored form (store/item/item.h: key bytes, document, normalised text of the
// other attributes) and their attributes.
//
// Replies splice the stored text; conditions and filters parse only the attributes that they name.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/key_schema.h"
#include "emulator/dynamodb/model/value.h"
#include "store/item/item.h"

namespace kless {

// What a table's items look like in the store.
struct ItemLayout {
  KeySchema keys;
  std::string document_attribute;  // empty: none; see Item::document
};

// Takes an item apart.  Errors: those of KeyOfItem.
Result<Item> ToStoredItem(const ItemLayout& layout, AttributeMap attributes);
// All attributes of an item.  kInternal: the stored text is damaged.
Result<AttributeMap> AttributesOf(const ItemLayout& layout, const Item& item, PaddedParser& parser);
// Appends the whole item as a JSON object.
void AppendItemJson(const ItemLayout& layout, const Item& item, std::string& out);
// The size of the whole item, as SizeOf of its attributes: read off the text, without parsing it,
// the first time, and then remembered.  Whoever changes an item does so in a copy or before the
// first time.
std::size_t SizeOfStored(const ItemLayout& layout, const Item& item);
// The size of the value or item that normalised text holds.  0 for anything else.
std::size_t SizeOfValueJson(std::string_view value);
std::size_t SizeOfItemJson(std::string_view item);

// Where conditions, filters and projections find attributes.
class AttributeSource {
 public:
  virtual ~AttributeSource() = default;
  // nullptr if there is no such attribute.  The value lives as long as the source.
  virtual const AttributeValue* Find(std::string_view name) const = 0;
};

// An item that is in memory as a whole.  Null: no item.
class MapSource : public AttributeSource {
 public:
  explicit MapSource(const AttributeMap* item) : item_(item) {}
  const AttributeValue* Find(std::string_view name) const override;

 private:
  const AttributeMap* item_;
};

// A stored item, of which each attribute is parsed when it is first asked for.  The layout, the
// item and the parser must outlive it; use one after the other with the same parser.
class StoredSource : public AttributeSource {
 public:
  StoredSource(const ItemLayout& layout, const Item& item, PaddedParser& parser)
      : layout_(layout), item_(item), parser_(parser) {}
  const AttributeValue* Find(std::string_view name) const override;

 private:
  std::optional<AttributeValue> Read(std::string_view name) const;

  const ItemLayout& layout_;
  const Item& item_;
  PaddedParser& parser_;
  // What was asked for; nodes stay where they are.
  mutable std::map<std::string, std::optional<AttributeValue>, std::less<>> found_;
};

}  // namespace kless
