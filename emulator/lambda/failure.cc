#include "emulator/lambda/failure.h"

#include <utility>

namespace kless::lambda {

Failure NotFound(std::string message) {
  return {"ResourceNotFoundException", std::move(message), 404};
}
Failure Conflict(std::string message) {
  return {"ResourceConflictException", std::move(message), 409};
}
Failure InvalidParameter(std::string message) {
  return {"InvalidParameterValueException", std::move(message), 400};
}
Failure ServiceException(std::string message) {
  return {"ServiceException", std::move(message), 500};
}

}  // namespace kless::lambda
