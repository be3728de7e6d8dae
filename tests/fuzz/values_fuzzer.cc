// Attribute values in JSON: what is accepted is written, read back and sized without a difference.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/stored_item.h"
#include "emulator/dynamodb/model/value_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Sizes are read off text without parsing it: damaged text must do no harm.
  (void)kless::SizeOfItemJson(text);
  (void)kless::SizeOfValueJson(text);
  kless::PaddedParser parser;
  simdjson::dom::element root;
  if (!parser.Parse(text, root)) return 0;
  const bool right_types = kless::CheckItemTypes(root).has_value();
  const auto item = kless::ReadItem(root);
  if (item.has_error()) return 0;
  KLESS_CHECK(right_types, "an item with wrong JSON types was read");
  const std::string written = kless::ToJson(item.value());
  kless::PaddedParser second;
  const auto again = kless::ParseItem(written, second);
  KLESS_CHECK(again.has_value() && again.value() == item.value(), "an item changed");
  KLESS_CHECK(kless::ToJson(again.value()) == written, "the text of an item changed");
  KLESS_CHECK(kless::SizeOfItemJson(written) == kless::SizeOf(item.value()), "sizes differ");
  kless::Item stored;
  stored.attributes = written;
  const kless::ItemLayout layout;
  const kless::StoredSource source(layout, stored, second);
  for (const auto& [name, value] : item.value()) {
    const kless::AttributeValue* const found = source.Find(name);
    KLESS_CHECK(found && *found == value, "an attribute was not found");
    const bool is_key = value.Is(kless::ValueType::kString) ||
                        value.Is(kless::ValueType::kNumber) || value.Is(kless::ValueType::kBinary);
    if (!is_key) continue;
    const auto type = *kless::KeyTypeFromLetter(kless::ValueTypeName(value.type()));
    const auto back = kless::KeyValueFromBytes(type, kless::KeyBytes(value));
    KLESS_CHECK(back && *back == value, "a key changed");
  }
  return 0;
}
