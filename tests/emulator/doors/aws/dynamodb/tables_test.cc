#include "emulator/doors/aws/dynamodb/tables.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

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

TEST_F(TablesTest, AProvisionedTableHasNoLimitsOfAnOnDemandOne) {
  Ok("CreateTable", R"({"TableName":"limited","BillingMode":"PAY_PER_REQUEST",)"
                    R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],)"
                    R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],)"
                    R"("OnDemandThroughput":{"MaxReadRequestUnits":7}})");
  const auto described = [this] {
    return Ok("DescribeTable", R"({"TableName":"limited"})")["Table"];
  };
  EXPECT_EQ(described()["OnDemandThroughput"], json::parse(R"({"MaxReadRequestUnits":7})"));
  Ok("UpdateTable", R"({"TableName":"limited","BillingMode":"PROVISIONED",)"
                    R"("ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}})");
  EXPECT_FALSE(described().contains("OnDemandThroughput"));
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

// What the ACK controller's developers recorded in October 2026, docs/api-quirks of
// https://github.com/aws-controllers-k8s/dynamodb-controller
class TableErrorsTest : public DynamoDbWorld {
 protected:
  static constexpr const char* kUnits =
      R"("ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6})";
  static constexpr const char* kOnDemand = R"("BillingMode":"PAY_PER_REQUEST")";

  static std::string Create(const std::string& name, const std::string& more,
                            const std::string& definitions = "p:S") {
    return R"({"TableName":")" + name + R"(","AttributeDefinitions":)" + Definitions(definitions) +
           R"(,"KeySchema":)" + Key("p:HASH") + "," + more + "}";
  }
  // "a:S,b:N"
  static std::string Definitions(const std::string& text) { return Pairs(text, "AttributeType"); }
  static std::string Key(const std::string& text) { return Pairs(text, "KeyType"); }
  static std::string Pairs(const std::string& text, const std::string& member) {
    std::string list;
    std::stringstream pairs(text);
    for (std::string pair; std::getline(pairs, pair, ',');) {
      const auto colon = pair.find(':');
      list += (list.empty() ? "" : ",") + (R"({"AttributeName":")" + pair.substr(0, colon)) +
              R"(",")" + member + R"(":")" + pair.substr(colon + 1) + R"("})";
    }
    return "[" + list + "]";
  }
  static std::string Index(const std::string& name, const std::string& key,
                           const std::string& more = "") {
    return R"({"IndexName":")" + name + R"(","KeySchema":)" + Key(key) +
           R"(,"Projection":{"ProjectionType":"ALL"})" + more + "}";
  }
  void ExpectCreate(const std::string& more, const std::string& message,
                    const std::string& definitions = "p:S") {
    EXPECT_EQ(ErrorOf("CreateTable", Create("refused", more, definitions)),
              "ValidationException: " + message)
        << more;
  }
  void ExpectUpdate(const std::string& table, const std::string& change, const std::string& error) {
    EXPECT_EQ(ErrorOf("UpdateTable", R"({"TableName":")" + table + "\"," + change + "}"), error)
        << change;
  }
  void ExpectInvalidUpdate(const std::string& table, const std::string& change,
                           const std::string& message) {
    ExpectUpdate(table, change,
                 "ValidationException: One or more parameter values were invalid: " + message);
  }
};

constexpr const char* kInvalid = "One or more parameter values were invalid: ";

TEST_F(TableErrorsTest, AStreamOfANewTableHasAViewIfItIsEnabled) {
  const std::string created = std::string(kInvalid) + "Table is being created with a stream ";
  ExpectCreate(kOnDemand + std::string(R"(,"StreamSpecification":{"StreamEnabled":true})"),
               created + "enabled, UpdateViewType is required");
  ExpectCreate(kOnDemand + std::string(R"(,"StreamSpecification":{"StreamEnabled":false,)"
                                       R"("StreamViewType":"NEW_IMAGE"})"),
               created + "disabled, UpdateViewType should not be specified");
}

TEST_F(TableErrorsTest, KeysOfIndexesHaveAtMostFourAttributesInAPart) {
  const std::string all = "p:S,a:S,b:S,c:S,d:S,e:S";
  const auto expect = [&](const std::string& key, const std::string& message) {
    ExpectCreate(kOnDemand + (R"(,"GlobalSecondaryIndexes":[)" + Index("one", key)) + "]", message,
                 all);
  };
  expect("a:HASH,b:RANGE,c:HASH",
         std::string(kInvalid) +
             "All HASH key attributes must precede RANGE key attributes in the KeySchema");
  const std::string many =
      std::string(kInvalid) + "The KeySchema exceeds the maximum allowed number of ";
  expect("a:HASH,b:HASH,c:HASH,d:HASH,e:HASH", many + "HASH key attributes");
  expect("p:HASH,a:RANGE,b:RANGE,c:RANGE,d:RANGE,e:RANGE", many + "RANGE key attributes");
  expect("a:HASH,b:HASH,a:HASH",
         "The KeySchema contains multiple key attributes with the same name");
  ExpectCreate(kOnDemand, "Attribute Name is duplicated: p", "p:S,p:N");
}

TEST_F(TableErrorsTest, LimitsAndWarmthOfANewTableFitItsBillingMode) {
  const auto limit = [](const char* member, const std::string& units) {
    return std::string(R"(,"OnDemandThroughput":{")") + member + "\":" + units + "}";
  };
  for (const char* const member : {"MaxReadRequestUnits", "MaxWriteRequestUnits"}) {
    ExpectCreate(kUnits + limit(member, "5"),
                 std::string(kInvalid) + member +
                     " for OnDemandThroughput cannot be specified when table BillingMode is "
                     "PROVISIONED.");
    for (const char* const units : {"0", "-1", "-2"}) {
      ExpectCreate(kOnDemand + limit(member, units),
                   std::string(kInvalid) + "Requested " + member +
                       " for OnDemandThroughput for table is outside of valid range");
    }
    ExpectCreate(
        kOnDemand +
            (R"(,"GlobalSecondaryIndexes":[)" + Index("one", "p:HASH", limit(member, "0"))) + "]",
        std::string(kInvalid) + "Requested " + member +
            " for OnDemandThroughput for index : one is outside of valid range");
  }
  const auto warm = [](const std::string& units) { return R"(,"WarmThroughput":{)" + units + "}"; };
  ExpectCreate(kOnDemand + warm(R"("ReadUnitsPerSecond":11999)"),
               std::string(kInvalid) +
                   "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than "
                   "initial throughput for OnDemand. See: https://docs.aws.amazon.com/"
                   "amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
                   "#on-demand-capacity-mode-initial");
  ExpectCreate(kUnits + warm(R"("ReadUnitsPerSecond":5,"WriteUnitsPerSecond":5)"),
               std::string(kInvalid) +
                   "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than "
                   "WriteCapacityUnits of ProvisionedThroughput");
  const json made =
      Ok("CreateTable", Create("warm", kOnDemand + warm(R"("ReadUnitsPerSecond":12001)")));
  EXPECT_EQ(made["TableDescription"]["WarmThroughput"]["ReadUnitsPerSecond"], 12'001);
  EXPECT_EQ(made["TableDescription"]["WarmThroughput"]["WriteUnitsPerSecond"], 4000);
}

TEST_F(TableErrorsTest, OptionsOfTablesAreChecked) {
  const std::string table_class =
      "Invalid table-class parameter provided. Please try again with a valid table-class value: "
      "[STANDARD, STANDARD_INFREQUENT_ACCESS].";
  ExpectCreate(kOnDemand + std::string(R"(,"TableClass":"GLACIER")"), table_class);
  ExpectUpdate("none", R"("TableClass":"GLACIER")", "ValidationException: " + table_class);
  for (const auto& [given, message] :
       {std::pair(R"("Enabled":false,"SSEType":"KMS")",
                  "SSEType can not be specified if Enabled is false"),
        std::pair(R"("Enabled":false,"KMSMasterKeyId":"k")",
                  "KMSMasterKeyId can not be specified if Enabled is false"),
        std::pair(R"("Enabled":true,"SSEType":"AES256")", "SSEType AES256 is not supported")}) {
    const std::string sse = std::string(R"("SSESpecification":{)") + given + "}";
    ExpectCreate(kOnDemand + ("," + sse), std::string(kInvalid) + message);
    ExpectInvalidUpdate("none", sse, message);
  }
  ExpectCreate(R"("TableThroughputMode":"PROVISIONED")",
               std::string(kInvalid) +
                   "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                   "BillingMode is PROVISIONED");
  const json made = Ok("CreateTable", Create("mode", R"("TableThroughputMode":"PAY_PER_REQUEST")"));
  EXPECT_EQ(made["TableDescription"]["BillingModeSummary"],
            json::parse(R"({"BillingMode":"PAY_PER_REQUEST"})"));
}

TEST_F(TableErrorsTest, b23_SomeUpdatesAreTheOnlyOneInARequest) {
  const std::string protect = R"("DeletionProtectionEnabled":true)";
  const std::string sse = R"("SSESpecification":{"Enabled":true})";
  const std::string table_class = R"("TableClass":"STANDARD")";
  const std::string warm = R"("WarmThroughput":{"ReadUnitsPerSecond":20000})";
  const std::string limits = R"("OnDemandThroughput":{"MaxReadRequestUnits":5})";
  const std::string stream =
      R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"})";
  const std::string drop = R"("GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"one"}}])";
  const std::string only = " must be the only operation in the request";
  for (const auto& [change, message] :
       {std::pair(sse + "," + table_class, "Server-Side Encryption modification" + only),
        std::pair(sse + "," + protect, "Server-Side Encryption modification" + only),
        std::pair(table_class + "," + protect, "TableClass modification" + only),
        std::pair(protect + "," + warm, "DeletionProtection modification" + only),
        std::pair(warm + "," + kOnDemand, "WarmThroughput" + only),
        std::pair(limits + "," + stream, std::string("OnDemandThroughput can only be combined "
                                                     "with BillingMode in an UpdateTable request")),
        std::pair(stream + "," + kUnits,
                  std::string("You cannot modify stream status while updating table IOPS")),
        std::pair(drop + "," + kUnits,
                  std::string("You cannot create or delete index while updating table IOPS")),
        std::pair(drop + "," + stream,
                  std::string("You cannot create or delete index while changing stream status")),
        std::pair(protect + R"(,"GlobalSecondaryIndexUpdates":[])",
                  std::string("List of GlobalSecondaryIndexUpdates is empty"))}) {
    ExpectInvalidUpdate("none", change, message);
  }
}

TEST_F(TableErrorsTest, AStreamIsSwitchedOnOrOffOnce) {
  Ok("CreateTable", Create("music", kOnDemand));
  const auto stream = [](const std::string& specification) {
    return R"("StreamSpecification":{)" + specification + "}";
  };
  const std::string on = stream(R"("StreamEnabled":true,"StreamViewType":"NEW_IMAGE")");
  const std::string off = stream(R"("StreamEnabled":false)");
  ExpectInvalidUpdate("music", stream(R"("StreamEnabled":true)"),
                      "If stream is being enabled then UpdateViewType is required");
  ExpectInvalidUpdate("music", stream(R"("StreamEnabled":false,"StreamViewType":"NEW_IMAGE")"),
                      "If stream is being disabled, then UpdateViewType must not be specified");
  ExpectUpdate("music", off,
               "ValidationException: Table has no stream to disable: TableName: music");
  Ok("UpdateTable", R"({"TableName":"music",)" + on + "}");
  ExpectUpdate("music", on,
               "ValidationException: Table already has an enabled stream: TableName: music");
}

TEST_F(TableErrorsTest, UpdatesOfIndexesFitTheTable) {
  Ok("CreateTable", Create("music",
                           std::string(kUnits) + R"(,"GlobalSecondaryIndexes":[)" +
                               Index("one", "g:HASH", std::string(",") + kUnits) + "]",
                           "p:S,g:N"));
  Ok("CreateTable",
     Create("songs", kOnDemand + (R"(,"GlobalSecondaryIndexes":[)" + Index("one", "g:HASH")) + "]",
            "p:S,g:N"));
  const auto updates = [](const std::string& what, const std::string& definitions = "") {
    return (definitions.empty() ? ""
                                : R"("AttributeDefinitions":)" + Definitions(definitions) + ",") +
           R"("GlobalSecondaryIndexUpdates":[{)" + what + "}]";
  };
  const auto create = [](const std::string& name, const std::string& key,
                         const std::string& more = "") {
    return R"("Create":)" + Index(name, key, more);
  };
  const auto change = [](const std::string& name, const std::string& more) {
    return R"("Update":{"IndexName":")" + name + "\"," + more + "}";
  };
  ExpectInvalidUpdate("music", updates(change("one", kUnits) + R"(,"Delete":{"IndexName":"one"})"),
                      "Only one global secondary index action is allowed per "
                      "GlobalSecondaryIndexUpdate object");
  for (const std::string& missing :
       {change("two", kUnits), std::string(R"("Delete":{"IndexName":"two"})")}) {
    ExpectUpdate("music", updates(missing),
                 "ResourceNotFoundException: Requested resource not found: Index two for table "
                 "music");
  }
  for (const char* const units : {R"("ReadCapacityUnits":1000000000001,"WriteCapacityUnits":1)",
                                  R"("ReadCapacityUnits":1,"WriteCapacityUnits":1000000000001)"}) {
    ExpectUpdate("music",
                 updates(change("two", std::string(R"("ProvisionedThroughput":{)") + units + "}")),
                 "ValidationException: This operation cannot be performed with given input values. "
                 "Please contact DynamoDB service team for more info: Action Blocked: IndexUpdate");
  }
  EXPECT_THAT(
      ErrorOf("UpdateTable", R"({"TableName":"music",)" + updates(change("one", kUnits)) + "}"),
      HasSubstr("The provisioned throughput for the index one will not change. The "
                "requested value equals the current value. Current ReadCapacityUnits "
                "provisioned for the index: 5."));
  ExpectInvalidUpdate("songs", updates(change("one", kUnits)),
                      "The only Updates for index: one when TableThroughputMode is "
                      "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput");
  const std::string units = std::string(",") + kUnits;
  ExpectInvalidUpdate("songs", updates(create("two", "h:HASH", units), "h:S"),
                      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for "
                      "index: two when BillingMode is PAY_PER_REQUEST");
  ExpectInvalidUpdate("music", updates(create("two", "h:HASH"), "h:S"),
                      "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: "
                      "two");
  ExpectInvalidUpdate("songs", updates(create("two", "g:HASH")),
                      "AttributeDefinitions is not specified for index: two");
  ExpectInvalidUpdate("songs", updates(create("two", "p:HASH,h:RANGE"), "p:N,h:S"),
                      "Attributes cannot be redefined. Please check that your attribute has the "
                      "same type as previously defined. Existing schema: Schema:[SchemaElement: "
                      "key{p:S:HASH}] New schema: Schema:[SchemaElement: key{p:N:HASH}, "
                      "SchemaElement: key{h:S:RANGE}]");
  ExpectUpdate("songs", updates(create("one", "g:HASH"), "g:N"),
               "ValidationException: Attempting to create an index which already exists");
  // The type of an attribute that is not in the new index's key does not count.
  const json made = Ok("UpdateTable", R"({"TableName":"songs",)" +
                                          updates(create("two", "h:HASH"), "h:S,p:N") + "}");
  EXPECT_EQ(made["TableDescription"]["AttributeDefinitions"],
            json::parse(Definitions("g:N,h:S,p:S")));
}

TEST_F(TableErrorsTest, LimitsOnDemandAreMergedAndWarmthOnlyRises) {
  Ok("CreateTable", Create("songs", kOnDemand));
  Ok("CreateTable", Create("music", kUnits));
  const auto update = [this](const std::string& change) {
    Ok("UpdateTable", R"({"TableName":"songs",)" + change + "}");
    return Ok("DescribeTable", R"({"TableName":"songs"})")["Table"];
  };
  const auto limits = [](const std::string& text) {
    return R"("OnDemandThroughput":{)" + text + "}";
  };
  EXPECT_EQ(update(limits(R"("MaxReadRequestUnits":5)"))["OnDemandThroughput"],
            json::parse(R"({"MaxReadRequestUnits":5})"));
  EXPECT_EQ(update(limits(R"("MaxWriteRequestUnits":6)"))["OnDemandThroughput"],
            json::parse(R"({"MaxReadRequestUnits":5,"MaxWriteRequestUnits":6})"));
  EXPECT_EQ(update(limits(R"("MaxReadRequestUnits":-1)"))["OnDemandThroughput"],
            json::parse(R"({"MaxWriteRequestUnits":6})"));
  EXPECT_FALSE(update(limits(R"("MaxWriteRequestUnits":-1)")).contains("OnDemandThroughput"));
  for (const char* const units : {"0", "-2"}) {
    ExpectInvalidUpdate("songs", limits(std::string(R"("MaxReadRequestUnits":)") + units),
                        "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside "
                        "of valid range");
  }
  ExpectInvalidUpdate("music", limits(R"("MaxWriteRequestUnits":6)"),
                      "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when the "
                      "table BillingMode is PROVISIONED");
  const std::string warmer = R"("WarmThroughput":{"WriteUnitsPerSecond":5000})";
  EXPECT_EQ(update(warmer)["WarmThroughput"],
            json::parse(R"({"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":5000,)"
                        R"("Status":"ACTIVE"})"));
  update(warmer);
  ExpectInvalidUpdate("songs", R"("WarmThroughput":{"WriteUnitsPerSecond":4999})",
                      "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than "
                      "current WarmThroughput, decreasing WarmThroughput is not supported");
  Ok("UpdateTable", R"({"TableName":"music","ProvisionedThroughput":{"ReadCapacityUnits":1,)"
                    R"("WriteCapacityUnits":7}})");
  EXPECT_EQ(Ok("DescribeTable", R"({"TableName":"music"})")["Table"]["WarmThroughput"],
            json::parse(R"({"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":7,"Status":"ACTIVE"})"));
}

TEST_F(TableErrorsTest, AKeyThatEncryptsATableAlreadyIsRefused) {
  Ok("CreateTable", Create("music", kOnDemand));
  const auto sse = [](const std::string& text) { return R"("SSESpecification":{)" + text + "}"; };
  for (const char* const none : {"", R"("Enabled":false)"}) {
    ExpectInvalidUpdate("music", sse(none), "Table is already encrypted by default");
  }
  const std::string mine = sse(R"("Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"abcd")");
  Ok("UpdateTable", R"({"TableName":"music",)" + mine + "}");
  ExpectInvalidUpdate("music", mine,
                      "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId "
                      "parameter if you want to change Master Key");
}

}  // namespace
}  // namespace kless::doors
