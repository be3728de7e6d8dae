// Invoke: the operation of Lambda whose body is the event, and whose reply is the result.
#pragma once

#include "emulator/base/loop/task.h"
#include "emulator/doors/aws/lambda/context.h"
#include "emulator/doors/aws/wire/rest_json.h"
#include "emulator/doors/http/router.h"

namespace kless::doors::aws {

// Both must outlive the task.
Task<HttpResponse> InvokeFunction(LambdaContext& context, RestJson& protocol, HttpRequest request,
                                  Caller caller);

}  // namespace kless::doors::aws
