// TransactGetItems and TransactWriteItems, and cancelled transactions as errors for the client.
#pragma once

#include <optional>
#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> TransactionOperations();

// TransactionCanceledException with its reasons.  `layouts` has, for each action, the layout of its
// table if the reason is to show the current item, else null.
AwsError CancelledError(const dynamodb::Failure& failure,
                        const std::vector<const ItemLayout*>& layouts);
// The failure with these reasons, one per action.
// Reads an item for a transaction; nullopt if that cancels it, for the reason that is set.
std::optional<dynamodb::ItemRead> ReadForTransaction(DynamoDbContext& context,
                                                     const dynamodb::TableState& table,
                                                     const Key& key,
                                                     dynamodb::CancellationReason* reason);
dynamodb::Failure CancelledFailure(std::vector<dynamodb::CancellationReason> reasons);

}  // namespace kless::doors::aws
