// DynamoDbContext: what the operations of DynamoDB and DynamoDB Streams act on, and what all of
// them need: tables by name, the service's failures as errors for the client, and the envelope of
// errors.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/padded_parser.h"
#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/dynamodb/failure.h"
#include "emulator/dynamodb/model/stored_item.h"
#include "emulator/dynamodb/model/value_json.h"
#include "emulator/dynamodb/service.h"

namespace kless::doors::aws {

// How many texts of ValidationException begin.
inline constexpr const char* kInvalidParameters = "One or more parameter values were invalid: ";

struct DynamoDbContext {
  explicit DynamoDbContext(dynamodb::Service& service, ErrorTexts texts = ErrorTexts::kCurrent)
      : service(service), texts(texts) {}

  dynamodb::Service& service;
  // The texts of the operations that have moved to the current code: GetItem, PutItem, UpdateItem,
  // DeleteItem, BatchGetItem and Query.  All others have the older ones.
  ErrorTexts texts;
  PaddedParser parser;  // of stored items, one at a time
};

// One function per operation; see wire/service.h.  Its input shape is NAME + "Input".
using DynamoDbFunction = AwsResult<std::string> (*)(DynamoDbContext&, const OperationRequest&);
struct DynamoDbOperation {
  const char* name;
  DynamoDbFunction run;
};

// The error for the client.  If the layout of the table is given, a failed condition shows the
// current item.  The reasons of a cancelled transaction are in transactions.h.
AwsError ErrorOf(const dynamodb::Failure& failure, const ItemLayout* layout = nullptr);
// kInvalidArgument is a ValidationException.
AwsError ErrorOf(const Error& error);

// For KLESS_TRY: the results of the layers below as those of an operation.
template <class T>
AwsResult<T> ForClient(dynamodb::Outcome<T> outcome) {
  if (outcome.has_error()) return ErrorOf(outcome.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(outcome).value();
  }
}
template <class T>
AwsResult<T> ForClient(Result<T> result) {
  if (result.has_error()) return ErrorOf(result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(result).value();
  }
}

// An error of what a request says, found before its table is looked up, as some operations with the
// current texts report it: "1 validation error detected: TEXT".  Errors of the types of values and
// of the size of an item stay as they are.
AwsError InEnvelope(AwsError error);
template <class T>
AwsResult<T> InEnvelope(AwsResult<T> checked, ErrorTexts texts) {
  if (checked.has_value() || texts == ErrorTexts::kOlder) return checked;
  return InEnvelope(checked.error());
}

dynamodb::Scope ScopeOf(const OperationRequest& request);
// The ARN by which `request` names a table: the name itself if it is an ARN.
std::string TableArnOf(const OperationRequest& request, std::string_view name_or_arn);
// Finds the table of an operation on items, after Authorize.  `action` is an action of IAM without
// its prefix; "" means the operation.  The pointer is valid during the step.
AwsResult<const dynamodb::TableState*> FindTable(DynamoDbContext& context,
                                                 const OperationRequest& request,
                                                 std::string_view name_or_arn,
                                                 std::string_view action = "");

}  // namespace kless::doors::aws
