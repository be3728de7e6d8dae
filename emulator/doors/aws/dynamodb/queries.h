// Query and Scan.
#pragma once

#include <string>
#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> QueryOperations();

// The attributes at which the paths begin and which the index does not project: "a, b".
std::string UnprojectedNames(const dynamodb::TableState& table,
                             const dynamodb::SecondaryIndex& index,
                             const std::vector<DocumentPath>& paths);
// Whether the index, if it is global, projects the attributes at which the paths begin.
AwsResult<void> CheckProjected(const dynamodb::TableState& table,
                               const dynamodb::SecondaryIndex& index,
                               const std::vector<DocumentPath>& paths);
// LastEvaluatedKey.  `index` is null for a table.
std::string LastKeyJson(const dynamodb::TableState& table, const dynamodb::SecondaryIndex* index,
                        const dynamodb::ReadPosition& last);

}  // namespace kless::doors::aws
