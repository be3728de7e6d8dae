// The shapes of Lambda's inputs, in the form that shape.h describes.
#pragma once

#include <string_view>

namespace kless::doors::aws {

extern const std::string_view kLambdaShapes;

}  // namespace kless::doors::aws
