// Keys of items as they are written in queries and replies: S and N as text, B in base64.
#pragma once

#include <string>

#include "emulator/base/error.h"
#include "store/table.h"

namespace kless::doors {

// Converts a key value of a query parameter to key bytes: S and N as text, B in base64.
Result<std::string> ParseKeyValue(KeyType type, const std::string& text, bool is_partition);
// The reverse.
std::string KeyValueText(KeyType type, const std::string& bytes);

}  // namespace kless::doors
