// The shapes of SQS's inputs and outputs, in the form that shape.h describes.
#pragma once

#include <string_view>

namespace kless::doors::aws {

extern const std::string_view kSqsShapes;

}  // namespace kless::doors::aws
