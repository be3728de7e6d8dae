#include "emulator/base/error.h"

#include <string_view>

namespace kless {

const char* ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgument";
    case ErrorCode::kNotFound:
      return "NotFound";
    case ErrorCode::kAlreadyExists:
      return "AlreadyExists";
    case ErrorCode::kConflict:
      return "Conflict";
    case ErrorCode::kGone:
      return "Gone";
    case ErrorCode::kThrottled:
      return "Throttled";
    case ErrorCode::kTimedOut:
      return "TimedOut";
    case ErrorCode::kCancelled:
      return "Cancelled";
    case ErrorCode::kUnavailable:
      return "Unavailable";
    case ErrorCode::kUnsupported:
      return "Unsupported";
    case ErrorCode::kInternal:
      return "Internal";
  }
  return "Internal";
}

std::string PlaceOf(const Error& error) {
  std::string_view file = error.made_at.file_name();
  // The build names a file by the include directory of its layer; the tree's own path is its end.
  for (const std::string_view top : {"/tests/", "/emulator/", "/functions/", "/store/"}) {
    const auto at = file.rfind(top);
    if (at == std::string_view::npos) continue;
    file.remove_prefix(at + 1);
    break;
  }
  return std::string(file) + ":" + std::to_string(error.made_at.line());
}

std::string LogText(const Error& error) {
  if (error.code != ErrorCode::kInternal) return error.message;
  return error.message + " (" + PlaceOf(error) + ")";
}

}  // namespace kless
