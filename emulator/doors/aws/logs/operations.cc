#include "emulator/doors/aws/logs/operations.h"

#include "emulator/doors/aws/logs/events.h"
#include "emulator/doors/aws/logs/groups.h"
#include "emulator/doors/aws/logs/shapes.h"

namespace kless::doors::aws {

Service MakeLogsService(LogsContext& context) {
  Service service;
  service.target_prefix = "Logs_20140328";
  service.signing_name = "logs";
  service.shapes = kLogsShapes;
  service.json = JsonVersion::k11;
  service.constraint_error = "InvalidParameterException";
  for (const auto topic : {LogGroupOperations, LogEventOperations}) {
    for (const LogsOperation& operation : topic()) {
      Operation added;
      added.name = operation.name;
      added.input = std::string(operation.name) + "Input";
      added.run = [&context, run = operation.run](const OperationRequest& request) {
        return run(context, request);
      };
      service.operations.push_back(std::move(added));
    }
  }
  return service;
}

}  // namespace kless::doors::aws
