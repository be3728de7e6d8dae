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
  EXPECT_EQ(ErrorOf("TagResource", R"({"Tags":[]})"), "ValidationException: Invalid TableArn");
  EXPECT_THAT(ErrorOf("ListTagsOfResource", R"({"ResourceArn":"abcd"})"),
              HasSubstr("ValidationException: Invalid ResourceArn provided as input abcd"));
  EXPECT_THAT(
      ErrorOf("ListTagsOfResource",
              R"({"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/missing"})"),
      HasSubstr("ResourcArn: arn:aws:dynamodb:us-east-1:000000000000:table/missing not found"));
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

TEST_F(TableSettingsTest, PoliciesHaveRevisions) {
  const std::string revision =
      Ok("PutResourcePolicy", OfArn(R"(,"Policy":"{}")"))["RevisionId"].get<std::string>();
  EXPECT_EQ(Ok("GetResourcePolicy", OfArn(""))["RevisionId"], revision);
  EXPECT_EQ(Ok("DeleteResourcePolicy", OfArn(""))["RevisionId"], revision);
  EXPECT_THAT(ErrorOf("GetResourcePolicy", OfArn("")), HasSubstr("PolicyNotFoundException"));
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
