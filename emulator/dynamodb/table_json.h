// Descriptions of tables as the text that the store keeps.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/dynamodb/table_state.h"

namespace kless::dynamodb {

std::string TableToText(const TableState& table);
// Does not set `table` and what follows from it.  kInvalidArgument: not such a text.
Result<TableState> TableFromText(std::string_view text);

}  // namespace kless::dynamodb
