// Operations of Lambda on functions: definition, code, concurrency, tags, account settings.
#pragma once

#include <vector>

#include "emulator/doors/aws/lambda/context.h"

namespace kless::doors::aws {

const std::vector<LambdaOperation>& LambdaFunctionOperations();

}  // namespace kless::doors::aws
