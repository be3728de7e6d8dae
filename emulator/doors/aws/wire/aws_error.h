// AwsError: a refused request, as AWS's SDKs see it.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kless::doors::aws {

// Which part of AWS's server refuses: it decides the name space of __type.  SDKs read what follows
// the '#'.
enum class ErrorOrigin {
  kService,   // the service itself: "com.amazonaws.dynamodb.v20120810#"
  kCoral,     // the protocol layer, authentication: "com.amazon.coral.service#"
  kValidate,  // ValidationException: "com.amazon.coral.validate#"
};

struct AwsError {
  ErrorOrigin origin = ErrorOrigin::kService;
  std::string type;  // "ResourceNotFoundException"
  std::string message;
  int status = 400;
  // Further members of the body as JSON text, each with a comma before it: ",\"Item\":{...}".
  std::string members;
  // Whether the member is "Message"; most errors have "message".
  bool capital_message = false;
  // Whether the body has no message at all.
  bool without_message = false;
  // The code that the Query protocol has for it, if that is not the type:
  // "AWS.SimpleQueueService.NonExistentQueue".
  std::string query_code = {};
};

template <class T>
using AwsResult = boost::system::result<T, AwsError>;

[[noreturn]] inline void throw_exception_from_error(const AwsError& error,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked AwsResult: " + error.type + ": " + error.message);
}

AwsError ValidationError(std::string message);
// "": the body has no message.
AwsError SerializationError(std::string message);
AwsError UnknownOperationError();
// An error of the protocol layer: authentication and access.
AwsError CoralError(std::string type, std::string message);
// The body of the reply.  `service_prefix` is the name space of ErrorOrigin::kService, with '#'.
std::string ErrorBody(const AwsError& error, std::string_view service_prefix);

}  // namespace kless::doors::aws
