// Conditions of PartiQL: the WHERE clause as the tree that expressions have.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html
#pragma once

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/partiql/values.h"

namespace kless {

// name, "name", path.name, path[1], path['name']
Result<DocumentPath> ReadPath(PartiqlCursor& cursor);
// The condition behind WHERE; its tests are checked.
Result<ConditionNode> ReadWhere(PartiqlCursor& cursor);

}  // namespace kless
