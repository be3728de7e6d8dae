// Rules: what DynamoDB asks of a table's description, beyond the shapes of single members.
//
// The texts and their order are those of AWS, as dynalite's tests recorded them:
// https://github.com/architect/dynalite/blob/main/validations/createTable.js
#pragma once

#include <vector>

#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/failure.h"
#include "emulator/dynamodb/table_state.h"

namespace kless::dynamodb {

// Checks CreateTable.
Outcome<void> CheckTable(const TableRequest& request);
// The types of the elements of a key schema that was checked.
KeySchema KeysOf(const std::vector<TableRequest::KeyElement>& key,
                 const std::vector<KeyAttribute>& attributes);
// Checks one index against the table's key, as CreateTable and UpdateTable do.
Outcome<void> CheckIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes,
                         const std::vector<TableRequest::KeyElement>& table_key);
// Checks numbers that the constraints of shapes do not bound.
Outcome<void> CheckThroughput(const Throughput& units);
// The index as it is first described.
SecondaryIndex MakeIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes);
// The number of attributes that INCLUDE projections name.
std::size_t CountProjected(const std::vector<SecondaryIndex>& indexes);

}  // namespace kless::dynamodb
