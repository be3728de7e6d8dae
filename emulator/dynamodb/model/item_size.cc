#include "emulator/dynamodb/model/item_size.h"

namespace kless {

std::size_t SizeOf(const AttributeMap& item) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : item) bytes += name.size() + SizeOf(value);
  return bytes;
}

std::size_t SizeOf(const AttributeValue& value) {
  constexpr std::size_t kDocumentBytes = 3;
  std::size_t bytes = 0;
  switch (value.type()) {
    case ValueType::kString:
    case ValueType::kBinary:
      return value.bytes().size();
    case ValueType::kNumber:
      return value.number().StoredBytes();
    case ValueType::kBool:
    case ValueType::kNull:
      return 1;
    case ValueType::kStringSet:
    case ValueType::kBinarySet:
      for (const auto& element : value.strings()) bytes += element.size();
      return bytes;
    case ValueType::kNumberSet:
      for (const auto& element : value.numbers()) bytes += element.StoredBytes();
      return bytes;
    case ValueType::kList:
      for (const auto& element : value.list()) bytes += SizeOf(element);
      return kDocumentBytes + value.list().size() + bytes;
    case ValueType::kMap:
      return kDocumentBytes + value.map().size() + SizeOf(value.map());
  }
  return bytes;
}

}  // namespace kless
