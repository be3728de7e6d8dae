// Failure: why Lambda refuses a request, in its own terms.
//
// Types: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html; texts: reference
// aws.md, sections e to g, as recorded on AWS.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace kless::lambda {

struct Failure {
  std::string type;  // "ResourceNotFoundException"
  std::string message;
  int status = 400;
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Outcome: " + failure.message);
}

Failure NotFound(std::string message);          // 404
Failure Conflict(std::string message);          // 409
Failure InvalidParameter(std::string message);  // 400
Failure ServiceException(std::string message);  // 500

}  // namespace kless::lambda
