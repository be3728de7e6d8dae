// TableDescription: what DescribeTable and the operations that change tables reply.
#pragma once

#include <optional>
#include <string>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

// `status` replaces the table's status: the reply to CreateTable says CREATING, that to UpdateTable
// mostly UPDATING, even if the change is already complete.
std::string TableDescriptionJson(DynamoDbContext& context, const dynamodb::TableState& table,
                                 std::optional<dynamodb::TableStatus> status = std::nullopt);
// The shorter description of a table that is being deleted: no keys, no indexes.
std::string DeletedTableJson(DynamoDbContext& context, const dynamodb::TableState& table);

}  // namespace kless::doors::aws
