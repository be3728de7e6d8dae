// NextToken of ExecuteStatement: where a SELECT continues.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

// A range of the plan of a SELECT, and the position in it.
struct SelectPosition {
  std::size_t range = 0;
  std::optional<dynamodb::ReadPosition> after;
};

// Opaque to clients.  A token belongs to the statement and the parameters of its request.
std::string StatementTokenOf(const SelectPosition& position, const Input& request);
// `ranges`: those of the plan.  ValidationException: no token, or one of another request; the texts
// are as https://github.com/nubo-db/dynoxide/blob/main/src/partiql/executor.rs captured them.
AwsResult<SelectPosition> ParseStatementToken(std::string_view token, const Input& request,
                                              std::size_t ranges);

}  // namespace kless::doors::aws
