// Tumbling windows: the state that a function carries from batch to batch of a shard for a fixed
// span of time.  No I/O.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html (2026-11)
//
// Windows are aligned to multiples of their length in Unix time, and a record belongs to the one of
// its write.  A batch has records of one window.  Each invocation gets the state that the previous
// one of the window returned, {} at first, and must return {"state": ...}: a response without it is
// an error of the function.  The final invocation has no records; its success ends the window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "functions/pool/function_event.h"

namespace kless {

constexpr std::size_t kWindowStateBytesMax = 1u << 20;
// How long Lambda waits for records of a window after its end, if none of a later one has come.
constexpr Duration kWindowGrace = std::chrono::minutes(2);

std::int64_t WindowStartOf(std::int64_t unix_nanos, Duration length);

// The state in a response, as JSON text. kInvalidArgument: there is none.
Result<std::string> WindowStateOf(std::string_view payload);

// Keep an open window in a store: a JSON object.
std::string WindowToText(const EventWindow& window);
// kInternal: not such a text.
Result<EventWindow> WindowFromText(std::string_view text);

}  // namespace kless
