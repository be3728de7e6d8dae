// How a statement is carried out, once the key of its table or index is known.
//
// Errors are kInvalidArgument with the message of DynamoDB's ValidationException.
#pragma once

#include <optional>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/key_condition.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/key_schema.h"
#include "emulator/dynamodb/model/partiql/statement.h"

namespace kless {

// The one item that a statement is about, and what must hold of it.
struct ItemPlan {
  Key key;
  // UPDATE: the item must exist.  DELETE: an item that does not exist is fine.  EXISTS and SELECT:
  // what WHERE says besides the key.
  std::optional<ConditionNode> condition;
};
// Whether WHERE has an equality for each key attribute, whatever the types of the values.
bool HasWholeKey(const Statement& statement, const KeySchema& schema);
// WHERE must have the whole key: of UPDATE, DELETE and EXISTS, and of SELECT in a batch or in a
// transaction.
Result<ItemPlan> PlanItem(const Statement& statement, const KeySchema& schema);

struct SelectPlan {
  // The partitions and ranges to read, one after the other; none: the whole table.
  std::vector<PartitionRange> ranges;
  bool descending = false;
  // WHERE as a whole, or nullopt.
  std::optional<ConditionNode> filter;
};
Result<SelectPlan> PlanSelect(const Statement& statement, const KeySchema& schema);

}  // namespace kless
