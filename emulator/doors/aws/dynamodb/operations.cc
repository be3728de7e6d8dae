#include "emulator/doors/aws/dynamodb/operations.h"

#include <string>

#include "emulator/doors/aws/dynamodb/account.h"
#include "emulator/doors/aws/dynamodb/batches.h"
#include "emulator/doors/aws/dynamodb/items.h"
#include "emulator/doors/aws/dynamodb/queries.h"
#include "emulator/doors/aws/dynamodb/shapes.h"
#include "emulator/doors/aws/dynamodb/statements.h"
#include "emulator/doors/aws/dynamodb/table_settings.h"
#include "emulator/doors/aws/dynamodb/tables.h"
#include "emulator/doors/aws/dynamodb/transactions.h"

namespace kless::doors::aws {

Service MakeDynamoDbService(DynamoDbContext& context) {
  Service service;
  service.target_prefix = "DynamoDB_20120810";
  service.signing_name = "dynamodb";
  service.java_package = "com.amazonaws.dynamodb.v20120810";
  service.shapes = kDynamoDbShapes;
  service.has_checksums = true;
  service.older_texts = context.texts == ErrorTexts::kOlder;
  for (const auto topic :
       {AccountOperations, BatchOperations, ItemOperations, QueryOperations, StatementOperations,
        TableOperations, TableSettingOperations, TransactionOperations}) {
    for (const DynamoDbOperation& operation : topic()) {
      service.operations.push_back(
          {operation.name, std::string(operation.name) + "Input",
           [&context, run = operation.run](const OperationRequest& request) {
             return run(context, request);
           }});
    }
  }
  return service;
}

}  // namespace kless::doors::aws
