#include "emulator/dynamodb/entry_keys.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace kless::dynamodb {
namespace {

bool TakeAll(const StoredSource& source, const std::vector<KeyAttribute>& attributes,
             AttributeMap* taken) {
  return std::all_of(attributes.begin(), attributes.end(), [&](const KeyAttribute& attribute) {
    const AttributeValue* const value = source.Find(attribute.name);
    if (value != nullptr) taken->emplace(attribute.name, *value);
    return value != nullptr;
  });
}

}  // namespace

EntryKeyOf EntryKeyFor(const ItemLayout& layout, const KeySchema& key) {
  return [layout, key, parser = std::make_shared<PaddedParser>()](
             const Item& item) -> std::optional<kless::Key> {
    const StoredSource source(layout, item, *parser);
    AttributeMap needed;
    if (!TakeAll(source, key.partition, &needed) || !TakeAll(source, key.sort, &needed)) {
      return std::nullopt;
    }
    return IndexKeyIfValid(key, needed);
  };
}

EntryKeyOf ExpiryKeyFor(const ItemLayout& layout, const std::string& attribute) {
  return [layout, attribute, parser = std::make_shared<PaddedParser>()](
             const Item& item) -> std::optional<kless::Key> {
    const StoredSource source(layout, item, *parser);
    const AttributeValue* const value = source.Find(attribute);
    if (value == nullptr || !value->Is(ValueType::kNumber)) return std::nullopt;
    return kless::Key{kExpiryPartition, value->number().ToKeyBytes()};
  };
}

}  // namespace kless::dynamodb
