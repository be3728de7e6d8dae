#include "emulator/sqs/failure.h"

namespace kless::sqs {

Failure QueueDoesNotExist() {
  return {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
          "The specified queue does not exist."};
}

Failure InvalidParameterValue(std::string message) {
  return {"InvalidParameterValueException", "InvalidParameterValue", std::move(message)};
}

Failure InvalidParameter(const std::string& value, const std::string& parameter,
                         const std::string& reason) {
  return InvalidParameterValue("Value " + value + " for parameter " + parameter +
                               " is invalid. Reason: " + reason);
}

Failure MissingParameter(const std::string& parameter) {
  return {"MissingRequiredParameterException", "MissingParameter",
          "The request must contain the parameter " + parameter + "."};
}

Failure InvalidAttributeName(std::string message) {
  return {"InvalidAttributeName", "InvalidAttributeName", std::move(message)};
}

Failure UnknownAttribute(const std::string& name) {
  return InvalidAttributeName("Unknown Attribute " + name + ".");
}

Failure InvalidAttributeValue(const std::string& name) {
  return {"InvalidAttributeValue", "InvalidAttributeValue",
          "Invalid value for the parameter " + name + "."};
}

Failure ReceiptHandleIsInvalid(const std::string& receipt) {
  return {"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid",
          "The input receipt handle \"" + receipt + "\" is not a valid receipt handle."};
}

Failure ResourceNotFound(std::string message) {
  return {"ResourceNotFoundException", "ResourceNotFoundException", std::move(message), 404};
}

Failure ServiceError(const std::string& type, std::string message) {
  return {type, "AWS.SimpleQueueService." + type, std::move(message)};
}

}  // namespace kless::sqs
