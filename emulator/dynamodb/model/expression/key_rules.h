// What expressions may do with key attributes: checked once the table is known.
//
// Errors are kInvalidArgument with DynamoDB's text.
#pragma once

#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/key_schema.h"

namespace kless {

// A filter of a Query must not name the key of the table or index that is read.  `parameter`:
// "Filter Expression" or "QueryFilter".
Result<void> CheckFilterKeys(const ConditionNode& filter, const KeySchema& schema,
                             std::string_view parameter);

// An update must not write to the table's key.
Result<void> CheckUpdateKeys(const UpdateExpression& update, const KeySchema& schema);

// An update must not set a key attribute of an index to a value of another type, as far as the type
// is known without the item (IndexKeyOf finds the rest).
Result<void> CheckIndexTypes(const UpdateExpression& update, const KeySchema& schema,
                             std::string_view index_name);

// An update must not set a key attribute of an index to an empty value that the request has
// (IndexKeyOf finds values that come from the item).
Result<void> CheckIndexValuesNotEmpty(const UpdateExpression& update, const KeySchema& schema,
                                      std::string_view index_name);

// Paths must not lead into a key attribute, which is a scalar.  `is_index`: the schema is that of
// an index.
Result<void> CheckKeyPaths(const ConditionNode& condition, const KeySchema& schema, bool is_index);
Result<void> CheckKeyPaths(const UpdateExpression& update, const KeySchema& schema, bool is_index);
Result<void> CheckKeyPaths(const Projection& projection, const KeySchema& schema, bool is_index);

}  // namespace kless
