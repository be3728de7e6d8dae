// Expected failures are returned as Result<T>.  A mistake of the program fails a KLESS_CHECK
// (check.h).
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kless {

// Codes independent of any protocol; each door has one table from ErrorCode to its wire form.
enum class ErrorCode {
  kInvalidArgument,  // the caller's input is wrong
  kNotFound,
  kAlreadyExists,
  kConflict,     // a condition did not hold: resourceVersion, precondition, fencing
  kGone,         // the requested position has been trimmed
  kThrottled,    // refused by a concurrency cap or rate
  kTimedOut,     // a deadline of the emulated world has passed
  kCancelled,    // the environment crashed or the process is stopping
  kUnavailable,  // an injected or transient store failure; the caller may retry
  kUnsupported,
  kInternal,
};

const char* ErrorCodeName(ErrorCode code);

// `message` is a sentence for the caller that names the object.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

inline Error MakeError(ErrorCode code, std::string message) {
  return Error{code, std::move(message)};
}

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Result: " + error.message);
}

}  // namespace kless
