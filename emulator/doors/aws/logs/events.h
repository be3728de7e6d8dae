// The operations of CloudWatch Logs on events: put, read a stream, filter a group.
#pragma once

#include <vector>

#include "emulator/doors/aws/logs/context.h"

namespace kless::doors::aws {

std::vector<LogsOperation> LogEventOperations();

}  // namespace kless::doors::aws
