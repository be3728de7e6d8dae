// Failure: why the service refuses a request, in DynamoDB's own terms.
//
// Each kind is an error type of the API; the message is the one that AWS sends.  The door turns it
// into a reply and decides nothing.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/error.h"
#include "store/item/item.h"

namespace kless::dynamodb {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and the
// error sections of each operation in the API reference.
enum class FailureKind {
  kValidation,                   // ValidationException
  kResourceNotFound,             // ResourceNotFoundException
  kResourceInUse,                // ResourceInUseException
  kLimitExceeded,                // LimitExceededException
  kConditionalCheckFailed,       // ConditionalCheckFailedException
  kThroughputExceeded,           // ProvisionedThroughputExceededException
  kTransactionCanceled,          // TransactionCanceledException
  kTransactionConflict,          // TransactionConflictException
  kIdempotentParameterMismatch,  // IdempotentParameterMismatchException
  kTrimmedDataAccess,            // TrimmedDataAccessException
  kExpiredIterator,              // ExpiredIteratorException
  kPolicyNotFound,               // PolicyNotFoundException
  kAccessDenied,                 // AccessDeniedException
  kInternal,                     // InternalServerError
};
// "ValidationException"
const char* FailureName(FailureKind kind);

// Why one action of a transaction was not carried out.  `code` is "None" for an action that is not
// at fault; it then has no message.
struct CancellationReason {
  std::string code = "None";
  std::string message;
  ItemPtr item;  // the current item, for "ConditionalCheckFailed"; may be null
};

struct Failure {
  FailureKind kind = FailureKind::kInternal;
  std::string message;
  ItemPtr item;                             // of kConditionalCheckFailed: the current item, if any
  std::vector<CancellationReason> reasons;  // of kTransactionCanceled: one per action, in order
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

inline Failure Fail(FailureKind kind, std::string message) {
  return Failure{kind, std::move(message), nullptr, {}};
}
inline Failure Invalid(std::string message) {
  return Fail(FailureKind::kValidation, std::move(message));
}
inline Failure AccessDenied() { return Fail(FailureKind::kAccessDenied, "Access is denied"); }
// kInvalidArgument becomes ValidationException with the same message; any other code of the layers
// below is an internal error.
Failure FromError(const Error& error);

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked Outcome: " + failure.message);
}

}  // namespace kless::dynamodb
