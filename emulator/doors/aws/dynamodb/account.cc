#include "emulator/doors/aws/dynamodb/account.h"

#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Endpoint.html shows no number;
// AWS sends one day.
constexpr int kEndpointCacheMinutes = 1440;

AwsResult<std::string> DescribeEndpoints(DynamoDbContext&, const OperationRequest& request) {
  const std::string endpoint = JsonObjectText()
                                   .String("Address", request.host)
                                   .Integer("CachePeriodInMinutes", kEndpointCacheMinutes)
                                   .Finish();
  return JsonObjectText().Raw("Endpoints", "[" + endpoint + "]").Finish();
}

AwsResult<std::string> DescribeLimits(DynamoDbContext&, const OperationRequest& request) {
  KLESS_TRY_VOID(Authorize(request.caller, "dynamodb:DescribeLimits", "*"));
  return JsonObjectText()
      .Integer("AccountMaxReadCapacityUnits", dynamodb::kAccountUnitsMax)
      .Integer("AccountMaxWriteCapacityUnits", dynamodb::kAccountUnitsMax)
      .Integer("TableMaxReadCapacityUnits", dynamodb::kTableUnitsMax)
      .Integer("TableMaxWriteCapacityUnits", dynamodb::kTableUnitsMax)
      .Finish();
}

}  // namespace

std::vector<DynamoDbOperation> AccountOperations() {
  return {{"DescribeEndpoints", DescribeEndpoints}, {"DescribeLimits", DescribeLimits}};
}

}  // namespace kless::doors::aws
