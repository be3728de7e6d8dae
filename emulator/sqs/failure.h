// Failure: why the queues refuse a request, in SQS's own terms.
//
// Types and codes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ and its
// models; texts as LocalStack recorded them on AWS.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kless::sqs {

struct Failure {
  std::string type;        // in JSON: "QueueDoesNotExist"
  std::string query_code;  // in the Query protocol: "AWS.SimpleQueueService.NonExistentQueue"
  std::string message;
  int status = 400;
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Outcome: " + failure.message);
}

Failure QueueDoesNotExist();
Failure InvalidParameterValue(std::string message);
// "Value V for parameter P is invalid. Reason: R"
Failure InvalidParameter(const std::string& value, const std::string& parameter,
                         const std::string& reason);
Failure MissingParameter(const std::string& parameter);
Failure InvalidAttributeName(std::string message);
Failure UnknownAttribute(const std::string& name);
Failure InvalidAttributeValue(const std::string& name);
Failure ReceiptHandleIsInvalid(const std::string& receipt);
Failure ResourceNotFound(std::string message);
// An error whose code has the prefix "AWS.SimpleQueueService.".
Failure ServiceError(const std::string& type, std::string message);

}  // namespace kless::sqs
