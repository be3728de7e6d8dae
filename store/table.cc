#include "store/table.h"

#include <utility>

#include "emulator/dynamodb/model/decimal.h"

namespace kless {

Result<std::string> EncodeKeyValue(KeyType type, std::string_view text, bool is_partition) {
  if (type == KeyType::kNumber) {
    KLESS_TRY(const auto number, Decimal::Parse(text));
    return number.ToKeyBytes();
  }
  const char* const part = is_partition ? "partition" : "sort";
  if (text.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("a ") + part + " key must not be empty");
  }
  const std::size_t bytes_max = is_partition ? kPartitionKeyBytesMax : kSortKeyBytesMax;
  if (text.size() > bytes_max) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("a ") + part + " key of " + std::to_string(text.size()) +
                         " bytes; there can be " + std::to_string(bytes_max));
  }
  return std::string(text);
}

Result<void> CheckLimit(int limit) {
  if (limit >= 1 && limit <= kPageItemsMax) return {};
  return MakeError(
      ErrorCode::kInvalidArgument,
      "limit " + std::to_string(limit) + " is not between 1 and " + std::to_string(kPageItemsMax));
}

std::string DecodeKeyValue(KeyType type, std::string_view bytes) {
  if (type != KeyType::kNumber) return std::string(bytes);
  const auto number = Decimal::FromKeyBytes(bytes);
  return number ? number->ToText() : std::string();
}

}  // namespace kless
