// CloudWatch Logs as a service of the door: JSON 1.1.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
#pragma once

#include "emulator/doors/aws/logs/context.h"

namespace kless::doors::aws {

// The context must outlive the service.
Service MakeLogsService(LogsContext& context);

}  // namespace kless::doors::aws
