// The words that cannot be attribute names in an expression, unless through a reference (#n).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
#pragma once

#include <string_view>

namespace kless {

// In any case: "abort", "ABORT".
bool IsReservedWord(std::string_view name);

}  // namespace kless
