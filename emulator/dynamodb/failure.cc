#include "emulator/dynamodb/failure.h"

namespace kless::dynamodb {

const char* FailureName(FailureKind kind) {
  switch (kind) {
    case FailureKind::kValidation:
      return "ValidationException";
    case FailureKind::kResourceNotFound:
      return "ResourceNotFoundException";
    case FailureKind::kResourceInUse:
      return "ResourceInUseException";
    case FailureKind::kLimitExceeded:
      return "LimitExceededException";
    case FailureKind::kConditionalCheckFailed:
      return "ConditionalCheckFailedException";
    case FailureKind::kThroughputExceeded:
      return "ProvisionedThroughputExceededException";
    case FailureKind::kTransactionCanceled:
      return "TransactionCanceledException";
    case FailureKind::kTransactionConflict:
      return "TransactionConflictException";
    case FailureKind::kIdempotentParameterMismatch:
      return "IdempotentParameterMismatchException";
    case FailureKind::kTrimmedDataAccess:
      return "TrimmedDataAccessException";
    case FailureKind::kExpiredIterator:
      return "ExpiredIteratorException";
    case FailureKind::kPolicyNotFound:
      return "PolicyNotFoundException";
    case FailureKind::kAccessDenied:
      return "AccessDeniedException";
    case FailureKind::kInternal:
      return "InternalServerError";
  }
  return "InternalServerError";
}

Failure FromError(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument ? Invalid(error.message)
                                                   : Fail(FailureKind::kInternal, LogText(error));
}

}  // namespace kless::dynamodb
