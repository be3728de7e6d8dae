// Lambda as a service of the AWS door: its table of operations and its routes.
#pragma once

#include <vector>

#include "emulator/doors/aws/lambda/context.h"
#include "emulator/doors/aws/wire/rest_json.h"

namespace kless::doors::aws {

// The context must outlive the door.
Service MakeLambdaService(LambdaContext& context);
// All but Invoke.
std::vector<RestRoute> LambdaRoutes();
// GET /kless/v1/lambda/NAME/code: the zip archive, where GetFunction says that it is.
void RegisterLambdaCode(Router& router, LambdaContext& context);

}  // namespace kless::doors::aws
