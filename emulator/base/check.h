// KLESS_CHECK: checks for programmer errors.  Always enabled; prints place and message, then
// aborts.
#pragma once

#include <string_view>

namespace kless {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              std::string_view message);
}  // namespace kless

#define KLESS_CHECK(condition, message)                                \
  do {                                                                 \
    if (!(condition)) [[unlikely]]                                     \
      ::kless::CheckFailed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
