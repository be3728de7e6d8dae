// Binding: what is wrong with a tree whose syntax is right, and its references replaced by what
// they stand for.  The order of the checks is DynamoDB's, as the tests of dynalite recorded it.
#pragma once

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/parser.h"
#include "emulator/dynamodb/model/expression/placeholders.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless {

Result<void> BindCondition(ParsedCondition& parsed, Placeholders& placeholders);
Result<void> BindUpdate(ParsedUpdate& parsed, Placeholders& placeholders);
Result<void> BindProjection(Projection& projection, Placeholders& placeholders);

}  // namespace kless
