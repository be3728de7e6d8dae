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
  const json updated =
      Ok("UpdateTable", R"({"TableName":"music","DeletionProtectionEnabled":true})");
  EXPECT_EQ(updated["TableDescription"]["TableStatus"], "UPDATING");
  EXPECT_THAT(ErrorOf("DeleteTable", R"({"TableName":"music"})"),
              HasSubstr("protected against deletion"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music"})"), HasSubstr("At least one of"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music","ReplicaUpdates":[{}]})"),
              HasSubstr("ReplicaUpdates is not supported"));
  EXPECT_THAT(ErrorOf("UpdateTable", R"({"TableName":"music","GlobalSecondaryIndexUpdates":[{}]})"),
              HasSubstr("must not be null"));
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
