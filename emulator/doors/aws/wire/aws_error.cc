#include "emulator/doors/aws/wire/aws_error.h"

#include "emulator/base/json.h"

namespace kless::doors::aws {

AwsError ValidationError(std::string message) {
  return {.origin = ErrorOrigin::kValidate,
          .type = "ValidationException",
          .message = std::move(message),
          .members = ""};
}

AwsError SerializationError(std::string message) {
  AwsError error = CoralError("SerializationException", std::move(message));
  error.capital_message = true;
  error.without_message = error.message.empty();
  return error;
}

AwsError UnknownOperationError() {
  AwsError error = CoralError("UnknownOperationException", "");
  error.without_message = true;
  return error;
}

AwsError CoralError(std::string type, std::string message) {
  return {.origin = ErrorOrigin::kCoral,
          .type = std::move(type),
          .message = std::move(message),
          .members = ""};
}

std::string ErrorBody(const AwsError& error, std::string_view service_prefix) {
  std::string body = "{\"__type\":\"";
  switch (error.origin) {
    case ErrorOrigin::kService:
      body += service_prefix;
      break;
    case ErrorOrigin::kCoral:
      body += "com.amazon.coral.service#";
      break;
    case ErrorOrigin::kValidate:
      body += "com.amazon.coral.validate#";
      break;
  }
  body += error.type;
  body += '"';
  if (!error.without_message) {
    body += error.capital_message ? ",\"Message\":" : ",\"message\":";
    AppendJsonString(body, error.message);
  }
  body += error.members;
  body += '}';
  return body;
}

}  // namespace kless::doors::aws
