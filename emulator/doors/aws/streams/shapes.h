// The shapes of the inputs of DynamoDB Streams' operations.
#pragma once

#include <string_view>

namespace kless::doors::aws {

// In the form of wire/shape.h, from AWS's service model (botocore 1.43, dynamodbstreams
// 2012-08-10).
extern const std::string_view kStreamsShapes;

}  // namespace kless::doors::aws
