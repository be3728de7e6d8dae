// The operations of CloudWatch Logs on groups and streams: create, describe, retention, tags,
// delete.
#pragma once

#include <vector>

#include "emulator/doors/aws/logs/context.h"

namespace kless::doors::aws {

std::vector<LogsOperation> LogGroupOperations();

}  // namespace kless::doors::aws
