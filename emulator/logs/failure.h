// Failure: why the logs refuse a request, in the terms of CloudWatch Logs.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kless::logs {

struct Failure {
  std::string type;  // "ResourceNotFoundException"
  std::string message;
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Outcome: " + failure.message);
}

inline Failure InvalidParameter(std::string message) {
  return {"InvalidParameterException", std::move(message)};
}
inline Failure NotFound(const std::string& what) {
  return {"ResourceNotFoundException", "The specified " + what + " does not exist."};
}
inline Failure AlreadyExists(const std::string& what) {
  return {"ResourceAlreadyExistsException", "The specified " + what + " already exists"};
}

}  // namespace kless::logs
