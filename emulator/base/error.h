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

// `message` is a sentence for the caller that names the object.  `made_at` is the place in the
// source that made the error, for whoever reads the log (std::source_location is unknown to clang
// 14, whose clang-tidy reads this).
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  boost::source_location made_at = BOOST_CURRENT_LOCATION;
};

// "emulator/doors/http/caller.cc:130": the place that made the error.
std::string PlaceOf(const Error& error);
// The message for a log: with the place if the code is kInternal, which only a mistake explains.
std::string LogText(const Error& error);

template <class T>
using Result = boost::system::result<T, Error>;

inline Error MakeError(ErrorCode code, std::string message,
                       boost::source_location made_at = BOOST_CURRENT_LOCATION) {
  return Error{code, std::move(message), made_at};
}

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Result: " + error.message + " (" + PlaceOf(error) + ")");
}

}  // namespace kless

// Statements that pass an error on, for functions that return a Result:
//
//   KLESS_TRY(const auto item, table.Get(key));          // item is the value; an error is returned
//   KLESS_TRY_VOID(table.Remove(key, condition));        // only the success matters
//   KLESS_CO_TRY(auto job, co_await store.Get(id));      // the same in coroutines
//   KLESS_CO_TRY_VOID(co_await store.Remove(id));
//
// Each expands to several statements: write it where a block begins, never as the body of an if.
// The co_await stays the whole right-hand side of one statement.
#define KLESS_JOIN_NAMES(a, b) a##b
#define KLESS_RESULT_AT(line) KLESS_JOIN_NAMES(kless_result_, line)
#define KLESS_TRY_INTO(result, leave, declaration, ...)    \
  auto result = __VA_ARGS__;                               \
  if (result.has_error()) leave std::move(result).error(); \
  declaration = std::move(result).value()
#define KLESS_TRY_ONLY(result, leave, ...) \
  auto result = __VA_ARGS__;               \
  if (result.has_error()) leave std::move(result).error()
#define KLESS_TRY(declaration, ...) \
  KLESS_TRY_INTO(KLESS_RESULT_AT(__LINE__), return, declaration, __VA_ARGS__)
#define KLESS_TRY_VOID(...) KLESS_TRY_ONLY(KLESS_RESULT_AT(__LINE__), return, __VA_ARGS__)
#define KLESS_CO_TRY(declaration, ...) \
  KLESS_TRY_INTO(KLESS_RESULT_AT(__LINE__), co_return, declaration, __VA_ARGS__)
#define KLESS_CO_TRY_VOID(...) KLESS_TRY_ONLY(KLESS_RESULT_AT(__LINE__), co_return, __VA_ARGS__)
