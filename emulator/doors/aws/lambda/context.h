// LambdaContext: what the operations of Lambda act on, and what all of them need.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/lambda/functions.h"
#include "emulator/lambda/mappings.h"
#include "functions/pool/pool.h"

namespace kless::doors::aws {

struct LambdaContext {
  EventLoop& event_loop;
  FunctionPool& pool;
  lambda::Functions& functions;
  lambda::Mappings& mappings;
};

using LambdaFunction = AwsResult<std::string> (*)(LambdaContext&, const OperationRequest&);
struct LambdaOperation {
  const char* method;
  const char* pattern;  // see RestRoute
  const char* name;
  int status;
  LambdaFunction run;
};

AwsError ErrorOf(const lambda::Failure& failure);
template <class T>
AwsResult<T> FromLambda(lambda::Outcome<T> outcome) {
  if (outcome.has_error()) return ErrorOf(outcome.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(outcome).value();
  }
}

// A function as a request names it.
struct NamedFunction {
  std::string name;
  std::string qualifier;
  std::string arn;  // as errors show it, with the qualifier
};
// Authorizes `action` ("lambda:GetFunction"). ResourceNotFoundException: a version or alias, as
// there are none; InvalidParameterValueException: not the name of a function.
AwsResult<NamedFunction> NameFunction(const Caller& caller, std::string_view text,
                                      std::string_view action, std::string_view qualifier = "");
AwsResult<const lambda::FunctionDefinition*> FindFunction(LambdaContext& context,
                                                          const OperationRequest& request,
                                                          std::string_view action);

}  // namespace kless::doors::aws
