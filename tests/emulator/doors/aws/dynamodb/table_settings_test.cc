#include "emulator/doors/aws/dynamodb/table_settings.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class TableSettingsTest : public DynamoDbWorld {
 protected:
  TableSettingsTest() { MakeTable("notes"); }
  static std::string OfArn(const std::string& more) {
    return R"({"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/notes")" + more + "}";
  }
};

TEST_F(TableSettingsTest, TagsAreSetListedAndRemoved) {
  EXPECT_EQ(DynamoDb("TagResource", OfArn(R"(,"Tags":[{"Key":"a","Value":"1"}])")).response.body,
            "");
  EXPECT_EQ(Ok("ListTagsOfResource", OfArn(""))["Tags"],
            json::parse(R"([{"Key":"a","Value":"1"}])"));
  EXPECT_EQ(DynamoDb("UntagResource", OfArn(R"(,"TagKeys":["a"])")).status, 200);
  EXPECT_EQ(Ok("ListTagsOfResource", OfArn(""))["Tags"], json::array());
  EXPECT_EQ(ErrorOf("TagResource", OfArn(R"(,"Tags":[])")),
            "ValidationException: Atleast one Tag needs to be provided as Input.");
}

// https://github.com/ExtendDB/extenddb/pull/227 and what the ACK controller's developers recorded,
// docs/api-quirks of https://github.com/aws-controllers-k8s/dynamodb-controller
TEST_F(TableSettingsTest, TheArnOfTagsAndPoliciesIsLookedAtFirst) {
  const auto error = [this](const char* operation, const std::string& arn) {
    return ErrorOf(operation, R"({"ResourceArn":")" + arn + R"(","Tags":[],"Policy":""})");
  };
  constexpr const char* kInvalid =
      "ValidationException: One or more parameter values were invalid: ";
  const std::string start = "arn:aws:dynamodb:us-east-1:000000000000:";
  for (const char* const operation : {"ListTagsOfResource", "TagResource", "GetResourcePolicy"}) {
    EXPECT_EQ(error(operation, "abcd"),
              kInvalid + std::string("ARNs must start with 'arn:': abcd"));
    EXPECT_EQ(error(operation, "a:b:c:d:e:f/g"),
              kInvalid + std::string("ARNs must start with 'arn:': a:b:c:d:e:f/g"));
    for (const char* const service : {"s3", "lambda", "sqs"}) {
      EXPECT_EQ(error(operation, std::string("arn:aws:") + service + ":us-east-1:000000000000:x"),
                "AccessDeniedException: Access is denied");
    }
    for (const char* const resource : {"global-table/x", "table/notes/backup/1",
                                       "table/notes/export/1", "table/notes/import/1"}) {
      EXPECT_EQ(error(operation, start + resource),
                kInvalid + ("Provided Arn is not a DynamoDB resource arn: " + start) + resource);
    }
    EXPECT_EQ(error(operation, start + "table/notes/index/i"),
              kInvalid + ("Invalid resource arn provided, only table or stream is accepted. "
                          "Provided resource arn: " +
                          start + "table/notes/index/i"));
    EXPECT_EQ(error(operation, start + "table/n"),
              "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input " +
                  start + "table/n");
  }
}

TEST_F(TableSettingsTest, AnArnElsewhereIsRefusedByAccountAndThenByRegion) {
  const auto arn = [](const std::string& scope) {
    return R"({"ResourceArn":"arn:aws:dynamodb:)" + scope +
           R"(:table/missing","TagKeys":["a"],"Tags":[{"Key":"a","Value":""}],"Policy":"{}"})";
  };
  for (const char* const operation : {"ListTagsOfResource", "TagResource", "UntagResource"}) {
    EXPECT_EQ(ErrorOf(operation, arn("us-east-1:000000000000")),
              "ResourceNotFoundException: Requested resource not found: ResourceArn: "
              "arn:aws:dynamodb:us-east-1:000000000000:table/missing not found");
    EXPECT_EQ(ErrorOf(operation, arn("eu-west-1:000000000000")),
              "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input "
              "arn:aws:dynamodb:eu-west-1:000000000000:table/missing");
    EXPECT_EQ(ErrorOf(operation, arn("eu-west-1:123456789012")),
              "AccessDeniedException: Access is denied");
  }
  for (const char* const operation :
       {"GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy"}) {
    EXPECT_EQ(ErrorOf(operation, arn("us-east-1:000000000000")),
              "ResourceNotFoundException: Requested resource not found: Table: missing not found");
    EXPECT_THAT(ErrorOf(operation, arn("eu-west-1:000000000000")),
                HasSubstr("invalid: Invalid resource Arn: arn:aws:dynamodb:eu-west-1:"));
    EXPECT_EQ(ErrorOf(operation, arn("eu-west-1:123456789012")),
              "ValidationException: This action is only supported by accounts that match the "
              "resource owner\u2019s account.");
  }
  EXPECT_EQ(ErrorOf("GetResourcePolicy",
                    R"({"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/notes/)"
                    R"(stream/2026-01-01T00:00:00.000"})"),
            "ResourceNotFoundException: Requested resource not found: Stream: "
            "2026-01-01T00:00:00.000 not found for Table: notes");
}

TEST_F(TableSettingsTest, OperationsOnTagsLookForTheirMembersInOrder) {
  EXPECT_EQ(ErrorOf("ListTagsOfResource", "{}"), "ValidationException: Invalid TableArn");
  EXPECT_EQ(ErrorOf("TagResource", R"({"Tags":[]})"), "ValidationException: Invalid TableArn");
  EXPECT_EQ(ErrorOf("UntagResource", "{}"), "ValidationException: Invalid TableArn");
  EXPECT_THAT(ErrorOf("TagResource", R"({"ResourceArn":"x"})"), HasSubstr("null at 'tags'"));
  EXPECT_THAT(ErrorOf("UntagResource", R"({"ResourceArn":"x"})"), HasSubstr("null at 'tagKeys'"));
  EXPECT_EQ(ErrorOf("UntagResource", OfArn(R"(,"TagKeys":[])")),
            "ValidationException: Atleast one Tag Key needs to be provided as Input.");
}

TEST_F(TableSettingsTest, TagsAreChecked) {
  const auto tags = [this](const std::string& list) {
    return ErrorOf("TagResource", OfArn(R"(,"Tags":[)" + list + "]"));
  };
  const auto key = [&](const std::string& text) {
    return tags(R"({"Key":")" + text + R"(","Value":""})");
  };
  constexpr const char* kKey = "ValidationException: The Tag Key provided is invalid, Key: ";
  for (const std::string text : {"", "a!", "a,b", "\u20ac", "\U0001f600"}) {
    EXPECT_EQ(key(text), kKey + text);
    EXPECT_EQ(ErrorOf("UntagResource", OfArn(R"(,"TagKeys":[")" + text + R"("])")), kKey + text);
  }
  EXPECT_EQ(key(std::string(129, 'k')), kKey + std::string(129, 'k'));
  EXPECT_EQ(tags(R"({"Value":""})"), kKey + std::string("null"));
  EXPECT_EQ(key("aws:x"), "ValidationException: Tag Key cannot be prefixed with aws:, Key: aws:x");
  EXPECT_EQ(key("AwS:x"), "ValidationException: Tag Key cannot be prefixed with aws:, Key: AwS:x");
  constexpr const char* kValue = "ValidationException: The Tag Value provided is invalid, Value: ";
  EXPECT_EQ(tags(R"({"Key":"a"})"), kValue + std::string("null"));
  EXPECT_EQ(tags(R"({"Key":"a","Value":"v;"})"), kValue + std::string("v;"));
  EXPECT_EQ(tags(R"({"Key":"a","Value":")" + std::string(257, 'v') + R"("})"),
            kValue + std::string(257, 'v'));
  EXPECT_EQ(tags(R"({"Key":"a","Value":""},{"Key":"a","Value":"b"})"),
            "ValidationException: Duplicate Tag Keys provided as input: Duplicate Tag Key found a");
  std::string many;
  std::string keys;
  for (int i = 0; i < 51; ++i) {
    many += (i == 0 ? R"({"Key":"k)" : R"(,{"Key":"k)") + std::to_string(i) + R"(","Value":""})";
    keys += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
  }
  constexpr const char* kMany =
      "ValidationException: Number of Tags exceed the current limit for the provided ResourceArn";
  EXPECT_EQ(tags(many), kMany);
  EXPECT_EQ(ErrorOf("UntagResource", OfArn(R"(,"TagKeys":[)" + keys + "]")), kMany);
  EXPECT_EQ(
      DynamoDb("TagResource",
               OfArn(",\"Tags\":[{\"Key\":\"\u00fcber \u65e5\u672c 1\",\"Value\":\"+-=._:/@\"}]"))
          .status,
      200);
}

TEST_F(TableSettingsTest, TimeToLiveIsDescribed) {
  const std::string enable =
      R"({"TableName":"notes","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}})";
  EXPECT_EQ(Ok("DescribeTimeToLive", R"({"TableName":"notes"})"),
            json::parse(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})"));
  EXPECT_EQ(Ok("UpdateTimeToLive", enable)["TimeToLiveSpecification"]["AttributeName"], "t");
  EXPECT_EQ(Ok("DescribeTimeToLive", R"({"TableName":"notes"})"),
            json::parse(
                R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"t"}})"));
  EXPECT_EQ(ErrorOf("UpdateTimeToLive", enable),
            "ValidationException: TimeToLive is already enabled");
}

TEST_F(TableSettingsTest, ARecoveryThatIsOffHasNoPeriod) {
  EXPECT_EQ(ErrorOf("UpdateContinuousBackups",
                    R"({"TableName":"notes","PointInTimeRecoverySpecification":)"
                    R"({"PointInTimeRecoveryEnabled":false,"RecoveryPeriodInDays":3}})"),
            "ValidationException: Invalid Request: Cannot specify RecoveryPeriodInDays when "
            "disabling point-in-time recovery.");
}

TEST_F(TableSettingsTest, b22_PoliciesHaveRevisions) {
  const std::string revision =
      Ok("PutResourcePolicy", OfArn(R"(,"Policy":"{}")"))["RevisionId"].get<std::string>();
  EXPECT_EQ(Ok("GetResourcePolicy", OfArn(""))["RevisionId"], revision);
  EXPECT_EQ(Ok("DeleteResourcePolicy", OfArn(""))["RevisionId"], revision);
  EXPECT_THAT(ErrorOf("GetResourcePolicy", OfArn("")), HasSubstr("PolicyNotFoundException"));
  for (const char* const policy : {"", "x", "[]", "1", "{"}) {
    EXPECT_EQ(ErrorOf("PutResourcePolicy", OfArn(R"(,"Policy":")" + std::string(policy) + '"')),
              "ValidationException: One or more parameter values were invalid: Invalid policy "
              "document: This policy contains invalid Json");
  }
  EXPECT_THAT(
      ErrorOf("PutResourcePolicy", OfArn(R"(,"Policy":"{)" + std::string(20'480, ' ') + R"(}")")),
      HasSubstr("invalid: Maximum policy size of 20480 bytes exceeded"));
}

TEST_F(TableSettingsTest, PointInTimeRecoveryIsDescribedAsItWasSet) {
  const auto recovery = [this](const char* operation, const std::string& more) {
    const json reply = Ok(operation, R"({"TableName":"notes")" + more + "}");
    return reply["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
  };
  const auto set = [&](const std::string& specification) {
    return recovery("UpdateContinuousBackups",
                    R"(,"PointInTimeRecoverySpecification":)" + specification);
  };
  const json off = json::parse(R"({"PointInTimeRecoveryStatus":"DISABLED"})");
  EXPECT_EQ(recovery("DescribeContinuousBackups", ""), off);
  const json on = set(R"({"PointInTimeRecoveryEnabled":true})");
  EXPECT_EQ(on["PointInTimeRecoveryStatus"], "ENABLED");
  EXPECT_EQ(on["RecoveryPeriodInDays"], 35);
  EXPECT_EQ(on["EarliestRestorableDateTime"], on["LatestRestorableDateTime"]);
  event_loop_.Run(event_loop_.Now() + std::chrono::hours(48));
  const json later = set(R"({"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":1})");
  const auto seconds = [](const json& value) { return value.get<double>(); };
  const double start = seconds(on["EarliestRestorableDateTime"]);
  EXPECT_EQ(seconds(later["EarliestRestorableDateTime"]), start + 24 * 3600);
  EXPECT_EQ(seconds(later["LatestRestorableDateTime"]), start + 48 * 3600 - 5 * 60);
  EXPECT_EQ(recovery("DescribeContinuousBackups", ""), later);
  EXPECT_EQ(set(R"({"PointInTimeRecoveryEnabled":false})"), off);
  EXPECT_THAT(
      ErrorOf("UpdateContinuousBackups",
              R"({"TableName":"notes","PointInTimeRecoverySpecification":)"
              R"({"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":36}})"),
      HasSubstr("'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy"));
  EXPECT_EQ(ErrorOf("UpdateContinuousBackups",
                    R"({"TableName":"missing","PointInTimeRecoverySpecification":)"
                    R"({"PointInTimeRecoveryEnabled":true}})"),
            "TableNotFoundException: Table not found: missing");
}

TEST_F(TableSettingsTest, FeaturesThatAreNeverOnAreDescribed) {
  EXPECT_EQ(Ok("DescribeContributorInsights", R"({"TableName":"notes"})"),
            json::parse(R"({"TableName":"notes","ContributorInsightsStatus":"DISABLED"})"));
  EXPECT_THAT(ErrorOf("CreateBackup", R"({"TableName":"notes"})"),
              HasSubstr("UnknownOperationException"));
}

}  // namespace
}  // namespace kless::doors
