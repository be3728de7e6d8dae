// LogsContext: what the operations of CloudWatch Logs act on, and what all of them need.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/logs/log_store.h"

namespace kless::doors::aws {

struct LogsContext {
  LogsContext(EventLoop& event_loop, logs::LogStore& logs) : event_loop(event_loop), logs(logs) {}

  EventLoop& event_loop;
  logs::LogStore& logs;
};

using LogsFunction = AwsResult<std::string> (*)(LogsContext&, const OperationRequest&);
struct LogsOperation {
  const char* name;
  LogsFunction run;
};

AwsError ErrorOf(const logs::Failure& failure);
AwsError InvalidLogsParameter(std::string message);
template <class T>
AwsResult<T> ForClient(logs::Outcome<T> outcome) {
  if (outcome.has_error()) return ErrorOf(outcome.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(outcome).value();
  }
}

logs::Scope LogsScopeOf(const OperationRequest& request);
// The group that a member names, by name or ARN, after Authorize; it need not exist.
AwsResult<std::string> GroupNameOf(const OperationRequest& request, std::string_view name_or_arn);
// The group of logGroupName or logGroupIdentifier, of which there is exactly one.
AwsResult<std::string> GroupNameOf(const OperationRequest& request);
AwsResult<const logs::LogGroup*> FindLogGroup(LogsContext& context,
                                              const OperationRequest& request);

}  // namespace kless::doors::aws
