// client-go's event correlation: reference CM6 to CM9.
#include "functions/controllers/event_recorder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace kless::controllers {
namespace {

using nlohmann::json;

constexpr std::int64_t kNow = 1767225600'000000000;
constexpr std::int64_t kSecond = 1'000'000'000;

class EventRecorderTest : public ::testing::Test {
 protected:
  std::optional<EventWrite> Say(const std::string& message, std::int64_t at = kNow,
                                const char* reason = "SuccessfulCreate") {
    const EventNote note{"Normal", reason, message, false};
    return recorder_.Record(target_, note, "", at, "uid-" + std::to_string(++uids_));
  }
  EventTarget target_{"batch/v1", "Job", "default", "j", "job-uid", 17};
  EventRecorder recorder_{"job-controller"};
  int uids_ = 0;
};

TEST_F(EventRecorderTest, CM6_EventLooksLikeAControllersOwn) {
  const EventNote note{"Normal", "SuccessfulCreate", "Created pod: ", true};
  const auto write = recorder_.Record(target_, note, "j-abcde", kNow, "event-uid");
  ASSERT_TRUE(write.has_value());
  EXPECT_TRUE(write->create);
  EXPECT_EQ(write->id.type, "event");
  ASSERT_EQ(write->id.name.rfind("default/j.", 0), 0U);
  EXPECT_EQ(write->id.name.size(), std::string("default/j.").size() + 16);
  json expected = json::parse(R"({"apiVersion":"v1","kind":"Event","count":1,"eventTime":null,
    "firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z",
    "involvedObject":{"apiVersion":"batch/v1","kind":"Job","name":"j","namespace":"default",
      "resourceVersion":"17","uid":"job-uid"},
    "message":"Created pod: j-abcde",
    "metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","namespace":"default",
      "uid":"event-uid"},
    "reason":"SuccessfulCreate","reportingComponent":"job-controller","reportingInstance":"",
    "source":{"component":"job-controller"},"type":"Normal"})");
  expected["metadata"]["name"] = write->id.name.substr(8);
  EXPECT_EQ(json::parse(write->document), expected);
}

TEST_F(EventRecorderTest, CM7_TheTenthMessageIsFolded) {
  std::set<std::string> names;
  for (int i = 0; i < 9; ++i) names.insert(Say("m" + std::to_string(i))->id.name);
  EXPECT_EQ(names.size(), 9U);
  const auto tenth = Say("m9");
  EXPECT_TRUE(tenth->create);
  json document = json::parse(tenth->document);
  EXPECT_EQ(document["message"], "(combined from similar events): m9");
  EXPECT_EQ(document["reportingComponent"], "");
  EXPECT_EQ(document["source"]["component"], "job-controller");
  EXPECT_EQ(document["count"], 1);
  const auto eleventh = Say("m10");
  EXPECT_FALSE(eleventh->create);
  EXPECT_EQ(eleventh->id.name, tenth->id.name);
  document = json::parse(eleventh->document);
  EXPECT_EQ(document["message"], "(combined from similar events): m10");
  EXPECT_EQ(document["count"], 2);
}

TEST_F(EventRecorderTest, CM7_AfterTenMinutesMessagesAreSingleAgain) {
  for (int i = 0; i < 10; ++i) Say("m" + std::to_string(i));
  const auto later = Say("new", kNow + 601 * kSecond);
  EXPECT_EQ(json::parse(later->document)["message"], "new");
}

TEST_F(EventRecorderTest, CM8_FortyCreationsLeaveTwentyFiveWrites) {
  int writes = 0;
  for (int i = 0; i < 40; ++i) writes += Say("Created pod: " + std::to_string(i)).has_value();
  EXPECT_EQ(writes, 25);
  for (int i = 0; i < 40; ++i) {
    EXPECT_FALSE(Say("Deleted pod: " + std::to_string(i), kNow, "SuccessfulDelete").has_value());
  }
  EXPECT_FALSE(Say("x", kNow + 299 * kSecond, "Completed").has_value());
  EXPECT_TRUE(Say("x", kNow + 601 * kSecond, "Completed").has_value());
}

TEST_F(EventRecorderTest, CM8_EachObjectHasABucketOfItsOwn) {
  for (int i = 0; i < 30; ++i) Say("m");
  target_.name = "other";
  EXPECT_TRUE(Say("m").has_value());
}

TEST_F(EventRecorderTest, CM9_SameMessageRaisesTheCount) {
  const auto first = Say("m");
  const auto second = Say("m", kNow + 5 * kSecond);
  EXPECT_FALSE(second->create);
  EXPECT_EQ(second->id.name, first->id.name);
  const json document = json::parse(second->document);
  EXPECT_EQ(document["count"], 2);
  EXPECT_EQ(document["firstTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(document["lastTimestamp"], "2026-01-01T00:00:05Z");
  EXPECT_EQ(document["metadata"]["uid"], json::parse(first->document)["metadata"]["uid"]);
}

TEST_F(EventRecorderTest, EventWhoseFirstWriteWasDroppedIsCreatedLater) {
  for (int i = 0; i < 25; ++i) Say("a");
  EXPECT_FALSE(Say("b").has_value());
  const auto later = Say("b", kNow + 400 * kSecond);
  ASSERT_TRUE(later.has_value());
  EXPECT_TRUE(later->create);
  EXPECT_EQ(json::parse(later->document)["count"], 2);
}

TEST_F(EventRecorderTest, MemoryIsBounded) {
  LruMap<int> map(3);
  for (int i = 0; i < 10; ++i) map[std::to_string(i)] = i;
  EXPECT_EQ(map.size(), 3U);
  EXPECT_EQ(map["9"], 9);
  EXPECT_EQ(map["8"], 8);
  map["new"] = 1;
  EXPECT_EQ(map["9"], 9);  // used lately
  EXPECT_EQ(map["7"], 0);  // forgotten
}

}  // namespace
}  // namespace kless::controllers
