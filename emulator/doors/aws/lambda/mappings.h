// Operations of Lambda on event source mappings.
#pragma once

#include <vector>

#include "emulator/doors/aws/lambda/context.h"

namespace kless::doors::aws {

const std::vector<LambdaOperation>& LambdaMappingOperations();

}  // namespace kless::doors::aws
