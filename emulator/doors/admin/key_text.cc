#include "emulator/doors/admin/key_text.h"

#include "emulator/base/strings.h"

namespace kless::doors {

Result<std::string> ParseKeyValue(KeyType type, const std::string& text, bool is_partition) {
  if (type != KeyType::kBinary) return EncodeKeyValue(type, text, is_partition);
  const auto bytes = Base64Decode(text);
  if (!bytes) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "a binary key is written in base64, not '" + text + "'");
  }
  return EncodeKeyValue(type, *bytes, is_partition);
}

std::string KeyValueText(KeyType type, const std::string& bytes) {
  const std::string value = DecodeKeyValue(type, bytes);
  return type == KeyType::kBinary ? Base64Encode(value) : value;
}

}  // namespace kless::doors
