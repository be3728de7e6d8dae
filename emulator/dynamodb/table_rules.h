// Rules: what DynamoDB asks of a table's description, beyond the shapes of single members.
//
// The texts and their order are those of AWS, as dynalite's tests recorded them, and where those
// differ, as the developers of the ACK controller did in October 2026:
// https://github.com/architect/dynalite/blob/main/validations/createTable.js
// https://github.com/aws-controllers-k8s/dynamodb-controller/tree/main/docs/api-quirks
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
// Limits on demand of a new table (`index`: "") or index.
Outcome<void> CheckOnDemand(const UnitsRequest& limits, BillingMode billing,
                            const std::string& index);
// The same of a change.
Outcome<void> CheckOnDemandUpdate(const UnitsRequest& limits, BillingMode billing,
                                  const std::string& index);
// https://github.com/awsdocs/aws-cloudformation-user-guide/pull/1228 quotes the error.
Outcome<void> CheckEncryption(const SseRequest& request);
Outcome<void> CheckTableClass(const std::string& table_class);
// How many attributes all indexes of a table together may project.
Outcome<void> CheckProjected(std::size_t count);
// Why a table of that status cannot be changed.
Failure StillInUse(TableStatus status, const std::string& table);
Failure TooManyTags();
// "One or more parameter values were invalid: ..."
Failure InvalidParameters(const std::string& what);
// The index as it is first described.
SecondaryIndex MakeIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes);
// The number of attributes that INCLUDE projections name.
std::size_t CountProjected(const std::vector<SecondaryIndex>& indexes);

}  // namespace kless::dynamodb
