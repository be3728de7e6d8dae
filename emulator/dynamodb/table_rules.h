// Rules: what DynamoDB asks of a table's description, beyond the shapes of single members.
//
// The texts and their order are those of AWS, as dynalite's tests recorded them:
// https://github.com/architect/dynalite/blob/main/validations/createTable.js
#pragma once

#include <cstddef>
#include <optional>
#include <string>
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
// Whether the throughput of a global index may or must be given: as that of its table.
Outcome<void> CheckIndexBilling(const TableRequest::Index& index, BillingMode billing);
// The same of an index that is there already: a change need not give it.
Outcome<void> CheckNoThroughput(const std::string& index, BillingMode billing);
// https://github.com/awsdocs/aws-cloudformation-user-guide/pull/1228 quotes the error.
Outcome<void> CheckEncryption(const SseRequest& request);
// Whether a request that switches a stream on or off has a view exactly if it needs one.
Outcome<void> CheckView(bool enabled, const std::optional<ViewType>& view);
// How many global indexes a table may have, and projected attributes in all indexes together.
Outcome<void> CheckGlobalIndexes(std::size_t count);
Outcome<void> CheckProjected(std::size_t count);
// "One or more parameter values were invalid: ..."
Failure InvalidParameters(const std::string& what);
// The index as it is first described.
SecondaryIndex MakeIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes);
// The number of attributes that INCLUDE projections name.
std::size_t CountProjected(const std::vector<SecondaryIndex>& indexes);

}  // namespace kless::dynamodb
