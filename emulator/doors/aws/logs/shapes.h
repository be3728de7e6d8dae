// The shapes of CloudWatch Logs' inputs, in the form that shape.h describes.
#pragma once

#include <string_view>

namespace kless::doors::aws {

extern const std::string_view kLogsShapes;

}  // namespace kless::doors::aws
