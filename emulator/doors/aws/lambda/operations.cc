#include "emulator/doors/aws/lambda/operations.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/doors/aws/lambda/functions.h"
#include "emulator/doors/aws/lambda/mappings.h"
#include "emulator/doors/aws/lambda/shapes.h"

namespace kless::doors::aws {
namespace {

// The operations that share an input.
std::string InputOf(const std::string& operation) {
  if (operation == "GetFunction" || operation == "DeleteFunction" ||
      operation == "GetFunctionConfiguration" || operation == "GetFunctionConcurrency" ||
      operation == "DeleteFunctionConcurrency") {
    return "FunctionInput";
  }
  if (operation == "GetEventSourceMapping" || operation == "DeleteEventSourceMapping") {
    return "MappingInput";
  }
  if (operation == "GetAccountSettings") return "NoInput";
  return operation + "Input";
}

Task<HttpResponse> CodeReply(LambdaContext& context, const Router& router, HttpRequest request) {
  const std::string& name = request.params["name"];
  if (context.functions.Find(name) == nullptr) {
    co_return router.RenderError(request, 404, "there is no function of Lambda '" + name + "'");
  }
  HttpResponse response;
  response.content_type = "application/zip";
  response.body = context.functions.Code(name);
  co_return response;
}

}  // namespace

Service MakeLambdaService(LambdaContext& context) {
  Service service;
  service.target_prefix = "Lambda";
  service.signing_name = "lambda";
  service.java_package = "com.amazonaws.lambda";
  service.shapes = kLambdaShapes;
  for (const auto topic : {LambdaFunctionOperations, LambdaMappingOperations}) {
    for (const LambdaOperation& operation : topic()) {
      Operation added;
      added.name = operation.name;
      added.input = InputOf(operation.name);
      added.run = [&context, run = operation.run](const OperationRequest& request) {
        return run(context, request);
      };
      service.operations.push_back(std::move(added));
    }
  }
  return service;
}

void RegisterLambdaCode(Router& router, LambdaContext& context) {
  router.Add("GET", "/kless/v1/lambda/{name}/code",
             [&context, &router](HttpRequest request) -> Task<HttpResponse> {
               return CodeReply(context, router, std::move(request));
             },
             {"The zip archive of a function of Lambda"});
}

std::vector<RestRoute> LambdaRoutes() {
  std::vector<RestRoute> routes;
  for (const auto topic : {LambdaFunctionOperations, LambdaMappingOperations}) {
    for (const LambdaOperation& operation : topic()) {
      routes.push_back({operation.method, operation.pattern, operation.name, operation.status});
    }
  }
  return routes;
}

}  // namespace kless::doors::aws
