#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

using dynamodb::Failure;
using dynamodb::FailureKind;

AwsError ErrorOf(const Failure& failure, const ItemLayout* layout) {
  AwsError error;
  error.type = dynamodb::FailureName(failure.kind);
  error.message = failure.message;
  if (failure.kind == FailureKind::kValidation) error.origin = ErrorOrigin::kValidate;
  if (failure.kind == FailureKind::kAccessDenied) error.origin = ErrorOrigin::kCoral;
  if (failure.kind == FailureKind::kInternal) error.status = 500;
  error.capital_message = failure.kind == FailureKind::kTransactionCanceled ||
                          failure.kind == FailureKind::kIdempotentParameterMismatch;
  if (layout != nullptr && failure.item) {
    error.members = ",\"Item\":";
    AppendItemJson(*layout, *failure.item, error.members);
  }
  return error;
}

AwsError ErrorOf(const Error& error) { return ErrorOf(dynamodb::FromError(error)); }

AwsError InEnvelope(AwsError error) {
  for (const char* const bare : {"Supplied AttributeValue ", "Item size "}) {
    if (error.message.starts_with(bare)) return error;
  }
  error.message.insert(0, "1 validation error detected: ");
  return error;
}

dynamodb::Scope ScopeOf(const OperationRequest& request) {
  return {request.caller.account, request.caller.region};
}

std::string TableArnOf(const OperationRequest& request, std::string_view name_or_arn) {
  if (name_or_arn.starts_with("arn:")) return std::string(name_or_arn);
  return "arn:aws:dynamodb:" + request.caller.region + ":" + request.caller.account + ":table/" +
         std::string(name_or_arn);
}

AwsResult<const dynamodb::TableState*> FindTable(DynamoDbContext& context,
                                                 const OperationRequest& request,
                                                 std::string_view name_or_arn,
                                                 std::string_view action) {
  std::string full_action = "dynamodb:";
  full_action += action.empty() ? request.operation : action;
  KLESS_TRY_VOID(Authorize(request.caller, full_action, TableArnOf(request, name_or_arn)));
  return ForClient(context.service.catalog().FindActive(ScopeOf(request), name_or_arn));
}

}  // namespace kless::doors::aws
