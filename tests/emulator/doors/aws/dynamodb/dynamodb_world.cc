#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/doors/aws/dynamodb/operations.h"

namespace kless::doors {

DynamoDbWorld::DynamoDbWorld(const dynamodb::ServiceOptions& options) {
  StoreOptions store_options;
  store_options.durability = Durability::kMemory;
  store_ = std::move(Store::Open(event_loop_, store_options).value());
  service_ = std::make_unique<dynamodb::Service>(event_loop_, *store_, options, 7);
  dynamodb_context_ = std::make_unique<aws::DynamoDbContext>(*service_);
  door_.Add(aws::MakeDynamoDbService(*dynamodb_context_));
  door_.Register(router_);
}

DynamoDbWorld::~DynamoDbWorld() { event_loop_.DropAll(); }

void DynamoDbWorld::MakeTable(const std::string& name, const std::string& sort_type) {
  dynamodb::TableRequest request;
  request.name = name;
  request.billing = dynamodb::BillingMode::kPayPerRequest;
  request.attributes = {{"p", KeyType::kString}};
  request.key = {{"p", true}};
  if (!sort_type.empty()) {
    request.attributes.push_back({"c", *KeyTypeFromLetter(sort_type)});
    request.key.push_back({"c", false});
  }
  if (!indexes_.empty()) request.attributes.push_back({"g", KeyType::kString});
  request.indexes = std::exchange(indexes_, {});
  for (const auto& index : request.indexes) {
    const bool is_local = index.kind == dynamodb::IndexKind::kLocal;
    (is_local ? request.has_local_indexes : request.has_global_indexes) = true;
  }
  const auto made = service_->catalog().Create(service_->catalog().options().scope, request);
  ASSERT_TRUE(made.has_value()) << made.error().message;
}

void DynamoDbWorld::AddIndex(const std::string& name, bool local,
                             dynamodb::ProjectionType projection) {
  dynamodb::TableRequest::Index index;
  index.name = name;
  index.kind = local ? dynamodb::IndexKind::kLocal : dynamodb::IndexKind::kGlobal;
  if (local) {
    index.key = {{"p", true}, {"g", false}};
  } else {
    index.key = {{"g", true}};
  }
  index.projection = projection;
  indexes_.push_back(std::move(index));
}

json DynamoDbWorld::Ok(const std::string& operation, const std::string& body) {
  const AwsAnswer answer = DynamoDb(operation, body);
  EXPECT_EQ(answer.status, 200) << answer.response.body;
  return answer.Json();
}

std::string DynamoDbWorld::ErrorOf(const std::string& operation, const std::string& body) {
  const AwsAnswer answer = DynamoDb(operation, body);
  return answer.status == 200 ? "" : answer.Type() + ": " + answer.Message();
}

void DynamoDbWorld::Put(const std::string& table, const std::string& item) {
  Ok("PutItem", R"({"TableName":")" + table + R"(","Item":)" + item + "}");
}

json DynamoDbWorld::Item(const std::string& table, const std::string& key) {
  return Ok("GetItem", R"({"TableName":")" + table + R"(","Key":)" + key + "}")
      .value("Item", json());
}

std::uint64_t DynamoDbWorld::CountRecords() {
  store_->EndTurn();
  return store_->feed().Latest();
}

}  // namespace kless::doors
