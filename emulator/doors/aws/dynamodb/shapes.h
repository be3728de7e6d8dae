// The shapes of the inputs of DynamoDB's operations.
#pragma once

#include <string_view>

namespace kless::doors::aws {

// In the form of wire/shape.h.  Names, types and constraints are those of AWS's service model
// (botocore 1.43, dynamodb 2012-08-10); the order of members and of the values of enums is that of
// AWS's errors where dynalite's suite shows it.  Operations that are not supported are left out.
extern const std::string_view kDynamoDbShapes;

}  // namespace kless::doors::aws
