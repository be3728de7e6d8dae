// The evaluator of conditions: one for expressions, legacy parameters and PartiQL.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
//
// A condition is true or false for every item; an attribute that does not exist, or has another
// type, makes a comparison false, except for <>, which it makes true.
#pragma once

#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/stored_item.h"

namespace kless {

// Whether the item meets the condition.
bool Holds(const ConditionNode& condition, const AttributeSource& item);

// The value at the path; null if there is none.
const AttributeValue* ValueAt(const DocumentPath& path, const AttributeSource& item);

}  // namespace kless
