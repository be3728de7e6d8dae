// Converts request bodies in the API server's protobuf form to JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless::doors {

constexpr const char* kProtobufType = "application/vnd.kubernetes.protobuf";

// Returns the object with its kind and apiVersion.  Kinds and fields are those of
// wire/objects.proto. kInvalidArgument: malformed message; kUnsupported: an unknown kind or field,
// in which case the whole body is refused rather than read in part.
Result<nlohmann::json> DecodeProtobuf(std::string_view body);

}  // namespace kless::doors
