// Updates applied to items.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
#pragma once

#include <optional>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless {

// The item after the update, or nullopt if there was no item and the update creates none, because
// it only removes.  `item` is null if there is no item; the attributes of the key are then not in
// the result either.
//
// Everything on the right-hand side is read from the item as it was: SET a = b, b = a swaps.
// Indexes mean positions before the update; elements that are set beyond the end of a list are
// appended in the order of their indexes.
//
// Errors are kInvalidArgument with DynamoDB's text: an operand that does not exist or has the wrong
// type, a path that leads nowhere, a sum out of range, too deep a document.
Result<std::optional<AttributeMap>> ApplyUpdate(const UpdateExpression& update,
                                                const AttributeMap* item);

// The paths that the update writes to.
Projection PathsOf(const UpdateExpression& update);

}  // namespace kless
