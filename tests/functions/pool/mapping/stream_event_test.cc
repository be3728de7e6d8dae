#include "functions/pool/mapping/stream_event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "store/item_json.h"
#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

using nlohmann::json;

json EventOf(FunctionWorld& world, RecordSourcePtr source = nullptr) {
  FunctionEvent event;
  event.records = world.store->feed().Read(0, 10).value();
  event.source = std::move(source);
  return json::parse(EventText(*world.store, event));
}

TEST(StreamEventTest, AnEventOfTheResourceTableIsLambdasOfAStream) {
  FunctionWorld world;
  world.PutPod("a", R"({"kind":"Pod"})");
  world.PutPod("a", R"({"kind":"Pod","x":1})");
  ASSERT_TRUE(world.store->resources().Remove({"pod", "default/a"}, Condition::None()).has_value());
  world.store->EndTurn();
  const json event = EventOf(world);
  ASSERT_EQ(event["Records"].size(), 3u);
  const json& inserted = event["Records"][0];
  EXPECT_EQ(inserted["eventName"], "INSERT");
  EXPECT_EQ(inserted["eventVersion"], "1.1");
  EXPECT_EQ(inserted["eventSource"], "aws:dynamodb");
  EXPECT_EQ(inserted["awsRegion"], "us-east-1");
  EXPECT_EQ(inserted["eventSourceARN"],
            "arn:aws:dynamodb:us-east-1:000000000000:table/resources/stream/"
            "2026-01-01T00:00:00.000");
  EXPECT_TRUE(std::regex_match(inserted["eventID"].get<std::string>(), std::regex("[0-9a-f]{32}")));
  const json keys = {{"resource-type", {{"S", "pod"}}}, {"resource-name", {{"S", "default/a"}}}};
  EXPECT_EQ(inserted["dynamodb"]["Keys"], keys);
  EXPECT_EQ(inserted["dynamodb"]["ApproximateCreationDateTime"], 1767225600);
  EXPECT_EQ(inserted["dynamodb"]["SequenceNumber"], "000000000000000000001");
  EXPECT_EQ(inserted["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
  EXPECT_EQ(inserted["dynamodb"]["NewImage"]["resource-value"]["S"], R"({"kind":"Pod"})");
  EXPECT_FALSE(inserted["dynamodb"].contains("OldImage"));
  const json& modified = event["Records"][1];
  EXPECT_EQ(modified["eventName"], "MODIFY");
  EXPECT_EQ(modified["dynamodb"]["OldImage"]["resource-value"]["S"], R"({"kind":"Pod"})");
  EXPECT_NE(modified["eventID"], inserted["eventID"]);
  const json& removed = event["Records"][2];
  EXPECT_EQ(removed["eventName"], "REMOVE");
  EXPECT_FALSE(removed["dynamodb"].contains("NewImage"));
}

TEST(StreamEventTest, ARecordOfAStreamCarriesItsArnAndRegion) {
  FunctionWorld world;
  world.PutPod("a", R"({"kind":"Pod"})");
  world.PutPod("b", R"({"kind":"Pod"})");
  world.store->EndTurn();
  const std::string arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/x";
  RecordSource source;
  source.view = [&](const ChangeRecord& record) {
    return StreamView{record.sequence == 1 ? arn : "", "NEW_IMAGE"};
  };
  const json event = EventOf(world, std::make_shared<RecordSource>(source));
  ASSERT_EQ(event["Records"].size(), 2u);
  EXPECT_EQ(event["Records"][0]["eventSourceARN"], arn);
  EXPECT_EQ(event["Records"][0]["awsRegion"], "eu-west-1");
  EXPECT_EQ(event["Records"][1]["awsRegion"], "us-east-1");
}

TEST(StreamEventTest, TheViewDecidesWhichImagesAreShown) {
  FunctionWorld world;
  world.PutPod("a", R"({"kind":"Pod"})");
  world.PutPod("a", R"({"kind":"Pod","x":1})");
  world.store->EndTurn();
  std::size_t keys_only = 0;
  for (const char* type : {"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"}) {
    RecordSource source;
    source.view = [&](const ChangeRecord&) { return StreamView{"", type}; };
    const json change =
        EventOf(world, std::make_shared<RecordSource>(source))["Records"][1]["dynamodb"];
    const std::string view = type;
    EXPECT_EQ(change["StreamViewType"], view);
    EXPECT_EQ(change.contains("NewImage"), view.starts_with("NEW")) << view;
    EXPECT_EQ(change.contains("OldImage"), view.find("OLD") != std::string::npos) << view;
    const auto bytes = change["SizeBytes"].get<std::size_t>();
    if (view == "KEYS_ONLY") keys_only = bytes;
    EXPECT_GE(bytes, keys_only);
  }
}

// The verified sizes of the reference, d14.
TEST(StreamEventTest, d14_SizeBytesCountsKeysAndBothImages) {
  TableDescription table;
  table.name = "t";
  table.partition_key = "id";
  const auto size = [&](const char* old_image, const char* new_image) {
    ChangeRecord record;
    for (const auto& [text, image] :
         {std::pair(old_image, &record.old_image), std::pair(new_image, &record.new_image)}) {
      if (text == nullptr) continue;
      *image = std::make_shared<Item>(ItemFromJson(table, json::parse(text)).value());
      record.key = (*image)->key;
    }
    return StreamRecordToJson(table, record)["dynamodb"]["SizeBytes"].get<int>();
  };
  EXPECT_EQ(size(nullptr, R"({"id":{"S":"id_value"}})"), 20);
  EXPECT_EQ(
      size(R"({"id":{"S":"id_value"}})", R"({"id":{"S":"id_value"},"id2":{"S":"id2_new_value"}})"),
      46);
  table.partition_key = "my_partition_key";
  EXPECT_EQ(size(nullptr, R"({"my_partition_key":{"S":"testId0"},"should_fail":{"BOOL":true}})"),
            58);
}

}  // namespace
}  // namespace kless
