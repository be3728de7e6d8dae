#include "emulator/doors/aws/dynamodb/tables.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

constexpr const char* kMusic =
    R"({"TableName":"music","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},)"
    R"({"AttributeName":"g","AttributeType":"N"}],"KeySchema":[{"AttributeName":"p","KeyType":)"
    R"("HASH"}],"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"by-g",)"
    R"("KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":)"
    R"("INCLUDE","NonKeyAttributes":["t"]}}],"StreamSpecification":{"StreamEnabled":true,)"
    R"("StreamViewType":"NEW_IMAGE"},"Tags":[{"Key":"a","Value":"1"}],"TableClass":"STANDARD"})";

class TablesTest : public DynamoDbWorld {
 protected:
  json Describe() { return Ok("DescribeTable", R"({"TableName":"music"})")["Table"]; }
};

TEST_F(TablesTest, ANewTableIsBeingCreatedAndThenActive) {
  const json created = Ok("CreateTable", kMusic)["TableDescription"];
  EXPECT_EQ(created["TableStatus"], "CREATING");
  EXPECT_EQ(created["GlobalSecondaryIndexes"][0]["IndexStatus"], "CREATING");
  EXPECT_EQ(created["TableArn"], "arn:aws:dynamodb:us-east-1:000000000000:table/music");
  EXPECT_EQ(created["LatestStreamLabel"], "2026-01-01T00:00:00.000");
  EXPECT_FALSE(created.contains("WarmThroughput"));
  const json table = Describe();
  EXPECT_EQ(table["TableStatus"], "ACTIVE");
  EXPECT_EQ(table["KeySchema"], json::parse(R"([{"AttributeName":"p","KeyType":"HASH"}])"));
  EXPECT_EQ(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
  EXPECT_EQ(table["WarmThroughput"]["WriteUnitsPerSecond"], 4000);
  EXPECT_EQ(table["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0);
  const json& index = table["GlobalSecondaryIndexes"][0];
  EXPECT_EQ(index["IndexStatus"], "ACTIVE");
  EXPECT_EQ(index["Projection"],
            json::parse(R"({"ProjectionType":"INCLUDE","NonKeyAttributes":["t"]})"));
  EXPECT_EQ(table["TableClassSummary"]["TableClass"], "STANDARD");
  EXPECT_EQ(ErrorOf("CreateTable", kMusic), "ResourceInUseException: Table already exists: music");
}

TEST_F(TablesTest, AWarmThroughputThatIsAskedForIsBeingSetUp) {
  std::string create(kMusic);
  create.insert(1, R"("WarmThroughput":{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":5000},)");
  const json warm = Ok("CreateTable", create)["TableDescription"]["WarmThroughput"];
  EXPECT_EQ(warm["ReadUnitsPerSecond"], 13'000);
  EXPECT_EQ(warm["Status"], "UPDATING");
  EXPECT_EQ(Describe()["WarmThroughput"]["Status"], "ACTIVE");
  const json more =
      Ok("UpdateTable", R"({"TableName":"music","WarmThroughput":)"
                        R"({"ReadUnitsPerSecond":14000,"WriteUnitsPerSecond":5000}})");
  EXPECT_EQ(more["TableDescription"]["WarmThroughput"]["Status"], "UPDATING");
  EXPECT_EQ(Describe()["WarmThroughput"]["Status"], "ACTIVE");
}

TEST_F(TablesTest, SizesAndCountsFollowTheItems) {
  Ok("CreateTable", kMusic);
  for (int i = 0; i < 300; ++i) {
    Put("music", R"({"p":{"S":")" + std::to_string(1000 + i) + R"("},"g":{"N":"1"}})");
  }
  const json table = Describe();
  EXPECT_EQ(table["ItemCount"], 300);
  EXPECT_EQ(table["TableSizeBytes"], 300 * (5 + 3));
  EXPECT_EQ(table["GlobalSecondaryIndexes"][0]["ItemCount"], 300);
}

TEST_F(TablesTest, AnUpdateSaysUpdatingAndAChangeOfNothingIsRefused) {
  Ok("CreateTable", kMusic);
  const json updated = Ok("UpdateTable", R"({"TableName":"music","TableClass":"STANDARD"})");
  EXPECT_EQ(updated["TableDescription"]["TableStatus"], "UPDATING");
  const json safe = Ok("UpdateTable", R"({"TableName":"music","DeletionProtectionEnabled":true})");
  EXPECT_EQ(safe["TableDescription"]["TableStatus"], "ACTIVE");
  EXPECT_THAT(ErrorOf("DeleteTable", R"({"TableName":"music"})"),
              HasSubstr("protected against deletion"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music"})"), HasSubstr("At least one of"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music","ReplicaUpdates":[{}]})"),
              HasSubstr("ReplicaUpdates is not supported"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music","GlobalSecondaryIndexUpdates":[{}]})"),
              HasSubstr("must not be null"));
}

TEST_F(TablesTest, TheReplyToAnUpdateDescribesTheTableDuringIt) {
  const std::string units = R"("ProvisionedThroughput":{"ReadCapacityUnits":)";
  std::string create(kMusic);
  create.replace(create.find("PAY_PER_REQUEST"), 15, "PROVISIONED");
  create.insert(1, units + R"(5,"WriteCapacityUnits":5},)");
  create.insert(create.find(R"("IndexName")"), units + R"(5,"WriteCapacityUnits":5},)");
  Ok("CreateTable", create);
  const auto update = [this](const std::string& change) {
    return Ok("UpdateTable", R"({"TableName":"music",)" + change + "}")["TableDescription"];
  };
  json during = update(units + R"(7,"WriteCapacityUnits":5})");
  EXPECT_EQ(during["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
  EXPECT_TRUE(during["ProvisionedThroughput"].contains("LastIncreaseDateTime"));
  EXPECT_EQ(Describe()["ProvisionedThroughput"]["ReadCapacityUnits"], 7);
  EXPECT_GT(Describe()["ProvisionedThroughput"]["LastIncreaseDateTime"],
            during["ProvisionedThroughput"]["LastIncreaseDateTime"]);

  during = update(R"("BillingMode":"PAY_PER_REQUEST")");
  EXPECT_EQ(during["BillingModeSummary"], json::parse(R"({"BillingMode":"PAY_PER_REQUEST"})"));
  EXPECT_EQ(during["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
  EXPECT_EQ(during["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0);
  EXPECT_EQ(during["GlobalSecondaryIndexes"][0]["IndexStatus"], "UPDATING");
  EXPECT_TRUE(Describe()["BillingModeSummary"].contains("LastUpdateToPayPerRequestDateTime"));
  EXPECT_EQ(Describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"], 1);
  EXPECT_EQ(Describe()["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");

  during = update(
      R"("AttributeDefinitions":[{"AttributeName":"n","AttributeType":"S"}],)"
      R"("GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-n","KeySchema":)"
      R"([{"AttributeName":"n","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}])");
  const json& created = during["GlobalSecondaryIndexes"][1];
  EXPECT_EQ(created["IndexStatus"], "CREATING");
  EXPECT_EQ(created["Backfilling"], false);
}

TEST_F(TablesTest, EncryptionChangesWhileTheTableIsActive) {
  Ok("CreateTable", kMusic);
  const auto update = [this](const std::string& specification) {
    return Ok("UpdateTable", R"({"TableName":"music","SSESpecification":)" + specification +
                                 "}")["TableDescription"];
  };
  const json enabled = update(R"({"Enabled":true})");
  EXPECT_EQ(enabled["TableStatus"], "ACTIVE");
  EXPECT_EQ(enabled["SSEDescription"], json::parse(R"({"Status":"UPDATING"})"));
  const json with_key = Describe()["SSEDescription"];
  EXPECT_EQ(with_key["Status"], "ENABLED");
  const json disabled = update(R"({"Enabled":false})")["SSEDescription"];
  EXPECT_EQ(disabled["Status"], "UPDATING");
  EXPECT_EQ(disabled["SSEType"], "KMS");
  EXPECT_EQ(disabled["KMSMasterKeyArn"], with_key["KMSMasterKeyArn"]);
  EXPECT_FALSE(Describe().contains("SSEDescription"));
}

TEST_F(TablesTest, ADeletedTableHasNoKeysInItsDescriptionAndIsGone) {
  Ok("CreateTable", kMusic);
  const json deleted = Ok("DeleteTable", R"({"TableName":"music"})")["TableDescription"];
  EXPECT_EQ(deleted["TableStatus"], "DELETING");
  EXPECT_FALSE(deleted.contains("KeySchema"));
  EXPECT_FALSE(deleted.contains("GlobalSecondaryIndexes"));
  EXPECT_EQ(ErrorOf("DescribeTable", R"({"TableName":"music"})"),
            "ResourceNotFoundException: Requested resource not found: Table: music not found");
  EXPECT_THAT(ErrorOf("DeleteTable", R"({"TableName":"resources"})"),
              HasSubstr("cannot be deleted"));
}

TEST_F(TablesTest, NamesAreListedInPages) {
  MakeTable("one");
  MakeTable("two");
  const json page = Ok("ListTables", R"({"Limit":2})");
  EXPECT_EQ(page["TableNames"], (json{"one", "resources"}));
  EXPECT_EQ(page["LastEvaluatedTableName"], "resources");
  EXPECT_EQ(Ok("ListTables", R"({"ExclusiveStartTableName":"resources"})"),
            json::parse(R"({"TableNames":["two"]})"));
}

}  // namespace
}  // namespace kless::doors
