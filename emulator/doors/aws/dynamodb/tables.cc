#include "emulator/doors/aws/dynamodb/tables.h"

#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/aws/dynamodb/table_description.h"
#include "emulator/doors/aws/dynamodb/table_input.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using dynamodb::TableState;
using dynamodb::TableStatus;

constexpr std::int64_t kTableNamesMax = 100;

AwsResult<void> MayDo(const OperationRequest& request) {
  return Authorize(request.caller, "dynamodb:" + std::string(request.operation),
                   TableArnOf(request, request.input.TextOr("TableName")));
}

AwsResult<std::string> CreateTable(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(MayDo(request));
  KLESS_TRY(const dynamodb::TableRequest wanted, ReadTableRequest(request.input));
  if (wanted.name.starts_with("arn:")) {
    return ValidationError("TableName must be a name, not an ARN, when a table is created");
  }
  KLESS_TRY(const TableState* const table,
            ForClient(context.service.catalog().Create(ScopeOf(request), wanted)));
  return JsonObjectText()
      .Raw("TableDescription", TableDescriptionJson(context, *table, TableStatus::kCreating))
      .Finish();
}

AwsResult<std::string> DescribeTable(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(MayDo(request));
  KLESS_TRY(const TableState* const table,
            ForClient(context.service.catalog().Find(ScopeOf(request),
                                                     *request.input.Text("TableName"))));
  return JsonObjectText().Raw("Table", TableDescriptionJson(context, *table)).Finish();
}

AwsResult<std::string> UpdateTable(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(MayDo(request));
  KLESS_TRY(const dynamodb::TableUpdate wanted, ReadTableUpdate(request.input));
  KLESS_TRY(const TableState table,
            ForClient(context.service.catalog().Update(ScopeOf(request),
                                                       *request.input.Text("TableName"), wanted)));
  const TableStatus status = wanted.ChangesStatus() ? TableStatus::kUpdating : TableStatus::kActive;
  return JsonObjectText()
      .Raw("TableDescription", TableDescriptionJson(context, table, status))
      .Finish();
}

AwsResult<std::string> DeleteTable(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(MayDo(request));
  KLESS_TRY(const TableState table, ForClient(context.service.catalog().Delete(
                                        ScopeOf(request), *request.input.Text("TableName"))));
  return JsonObjectText().Raw("TableDescription", DeletedTableJson(context, table)).Finish();
}

AwsResult<std::string> ListTables(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(Authorize(request.caller, "dynamodb:ListTables", "*"));
  const Input& input = request.input;
  bool more = false;
  const std::vector<std::string> names = context.service.catalog().List(
      ScopeOf(request), input.TextOr("ExclusiveStartTableName"),
      static_cast<std::size_t>(input.Integer("Limit").value_or(kTableNamesMax)), &more);
  std::string list = "[";
  for (const std::string& name : names) {
    std::string quoted;
    AppendJsonString(quoted, name);
    AppendElement(list, quoted);
  }
  JsonObjectText reply;
  reply.Raw("TableNames", list + "]");
  if (more) reply.String("LastEvaluatedTableName", names.back());
  return reply.Finish();
}

}  // namespace

std::vector<DynamoDbOperation> TableOperations() {
  return {{"CreateTable", CreateTable},
          {"DeleteTable", DeleteTable},
          {"DescribeTable", DescribeTable},
          {"ListTables", ListTables},
          {"UpdateTable", UpdateTable}};
}

}  // namespace kless::doors::aws
