#include "emulator/doors/aws/streams/operations.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class StreamOperationsTest : public DynamoDbWorld {
 protected:
  StreamOperationsTest() {
    door_.Add(aws::MakeStreamsService(*dynamodb_context_));
    MakeTable("notes");
    Ok("UpdateTable", R"({"TableName":"notes","StreamSpecification":{"StreamEnabled":true,)"
                      R"("StreamViewType":"NEW_AND_OLD_IMAGES"}})");
    arn_ = Ok("DescribeTable", R"({"TableName":"notes"})")["Table"]["LatestStreamArn"];
  }
  AwsAnswer Streams(const std::string& operation, const std::string& body) {
    return Call("DynamoDBStreams_20120810." + operation, body);
  }
  json StreamsOk(const std::string& operation, const std::string& body) {
    const AwsAnswer answer = Streams(operation, body);
    EXPECT_EQ(answer.status, 200) << answer.response.body;
    return answer.Json();
  }
  json Shards() {
    return StreamsOk("DescribeStream",
                     R"({"StreamArn":")" + arn_ + "\"}")["StreamDescription"]["Shards"];
  }
  json Records() {
    json records = json::array();
    for (const json& shard : Shards()) {
      const json iterator =
          StreamsOk("GetShardIterator", R"({"StreamArn":")" + arn_ + R"(","ShardId":)" +
                                            shard["ShardId"].dump() +
                                            R"(,"ShardIteratorType":"TRIM_HORIZON"})");
      const json page =
          StreamsOk("GetRecords", R"({"ShardIterator":)" + iterator["ShardIterator"].dump() + "}");
      for (const json& record : page["Records"]) records.push_back(record);
    }
    return records;
  }

  std::string arn_;
};

TEST_F(StreamOperationsTest, RecordsHaveImagesKeysAndSizes) {
  Put("notes", R"({"p":{"S":"a"}})");
  Put("notes", R"({"p":{"S":"a"},"id2":{"S":"new_value"}})");
  store_->EndTurn();
  const json records = Records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0]["eventName"], "INSERT");
  EXPECT_EQ(records[0]["dynamodb"]["SizeBytes"], 4);
  EXPECT_FALSE(records[0]["dynamodb"].contains("OldImage"));
  EXPECT_EQ(records[1]["eventName"], "MODIFY");
  EXPECT_EQ(records[1]["dynamodb"]["Keys"], json::parse(R"({"p":{"S":"a"}})"));
  EXPECT_EQ(records[1]["dynamodb"]["NewImage"],
            json::parse(R"({"p":{"S":"a"},"id2":{"S":"new_value"}})"));
  EXPECT_EQ(records[1]["dynamodb"]["SizeBytes"], 2 + 2 + 2 + 3 + 9);
  EXPECT_EQ(records[1]["awsRegion"], "us-east-1");
  EXPECT_EQ(records[1]["eventID"].get<std::string>().size(), 32u);
}

TEST_F(StreamOperationsTest, StreamsAreListedAndDescribed) {
  const json streams = StreamsOk("ListStreams", R"({"TableName":"notes"})");
  EXPECT_EQ(streams["Streams"][0]["StreamArn"], arn_);
  EXPECT_EQ(Shards().size(), 4u);
  const json described = StreamsOk(
      "DescribeStream", R"({"StreamArn":")" + arn_ + R"(","Limit":3})")["StreamDescription"];
  EXPECT_EQ(described["StreamStatus"], "ENABLED");
  EXPECT_EQ(described["Shards"].size(), 3u);
  EXPECT_EQ(described["LastEvaluatedShardId"], described["Shards"][2]["ShardId"]);
  EXPECT_EQ(described["KeySchema"], json::parse(R"([{"AttributeName":"p","KeyType":"HASH"}])"));
  EXPECT_EQ(Streams("ListStreams", R"({"Limit":101})").Type(), "ValidationException");
  EXPECT_EQ(Streams("DescribeStream", R"({"StreamArn":")" + arn_ + "1\"}").Type(),
            "ResourceNotFoundException");
}

TEST_F(StreamOperationsTest, WrongIteratorsAndFiltersAreRefused) {
  EXPECT_EQ(Streams("GetRecords", R"({"ShardIterator":"x"})").Type(), "ValidationException");
  const std::string shard = Shards()[0]["ShardId"].dump();
  EXPECT_EQ(Streams("GetShardIterator", R"({"StreamArn":")" + arn_ + R"(","ShardId":)" + shard +
                                            R"(,"ShardIteratorType":"AT_SEQUENCE_NUMBER"})")
                .Type(),
            "ValidationException");
  EXPECT_THAT(
      Streams(
          "DescribeStream",
          R"({"StreamArn":")" + arn_ +
              R"(","ShardFilter":{"Type":"CHILD_SHARDS","ShardId":"abcdefghijklmnopqrstuvwxyzab"}})")
          .Message(),
      HasSubstr("shardFilter.shardId"));
  EXPECT_EQ(StreamsOk("DescribeStream", R"({"StreamArn":")" + arn_ +
                                            R"(","ShardFilter":{"Type":"CHILD_SHARDS","ShardId":)" +
                                            shard + "}}")["StreamDescription"]["Shards"],
            json::array());
}

}  // namespace
}  // namespace kless::doors
