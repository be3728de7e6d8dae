// Request bodies in the API server's protobuf form, as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless::doors {

constexpr const char* kProtobufType = "application/vnd.kubernetes.protobuf";

// The object with its kind and apiVersion.  The kinds and fields are those of wire/objects.proto.
// kInvalidArgument: no such message; kUnsupported: a kind or a field that is not among them, which
// nothing is read of rather than a part.
Result<nlohmann::json> DecodeProtobuf(std::string_view body);

}  // namespace kless::doors
