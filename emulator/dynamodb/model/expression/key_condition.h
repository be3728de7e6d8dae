// Key conditions: which partition a Query reads, and which range of its sort keys.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
//
// Errors are kInvalidArgument with DynamoDB's text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/key_schema.h"

namespace kless {

// A condition on one attribute: `attribute operator values`.
struct KeyCondition {
  enum class Operator {
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kBetween,
    kBeginsWith,
    kNotIndexable,  // of the legacy KeyConditions: NE, IN, CONTAINS, NULL, ...
  };
  std::string attribute;
  Operator op = Operator::kEqual;
  std::vector<ValuePtr> values;  // one; two of kBetween
};
using KeyConditions = std::vector<KeyCondition>;

// The operator of a test; nullopt if key conditions cannot have it.
std::optional<KeyCondition::Operator> KeyOperatorOf(const ConditionNode& test);
// The operator that holds with its operands exchanged.
KeyCondition::Operator Mirrored(KeyCondition::Operator op);

// Takes a bound KeyConditionExpression apart.  It needs no table, so it is checked before the table
// is looked up.
Result<KeyConditions> ReadKeyConditions(const ConditionNode& condition);

// A partition, and the sort keys in [from, to) within it; all are key bytes.
struct PartitionRange {
  std::string partition;
  std::string from;
  std::optional<std::string> to;  // nullopt: to the end

  bool Contains(const std::string& sort) const { return sort >= from && (!to || sort < *to); }
};
// The keys of a table or index that meet the conditions.  For one key attribute after the other,
// DynamoDB checks first its value in the ExclusiveStartKey, then its condition: `start` is that
// key, or null.
Result<PartitionRange> MakePartitionRange(const KeyConditions& conditions, const KeySchema& schema,
                                          const AttributeMap* start = nullptr);

}  // namespace kless
