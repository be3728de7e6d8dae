// client-go's event correlation: reference CM6 to CM9.
#include "functions/controllers/loop/event_recorder.h"

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
  EXPECT_EQ(map["9"], 9);  // recently used
  EXPECT_EQ(map["7"], 0);  // dropped
}

class SchedulerEventTest : public ::testing::Test {
 protected:
  EventWrite Say(const std::string& message, std::uint64_t version, std::int64_t at = kNow) {
    EventNote note{"Warning", "FailedScheduling", message, false};
    note.action = "Scheduling";
    EventTarget target{"v1", "Pod", "default", "p", "pod-uid", version};
    return *recorder_.Record(target, note, "", at, "uid-" + std::to_string(++uids_));
  }
  EventRecorder recorder_{"default-scheduler"};
  int uids_ = 0;
};

TEST_F(SchedulerEventTest, AnEventWithAnActionHasNeitherCountNorTimestamps) {
  const EventWrite write = Say("0/1 nodes are available", 17, kNow + 1'500'000);
  EXPECT_TRUE(write.create);
  json expected = json::parse(R"({"action":"Scheduling","apiVersion":"v1","kind":"Event",
    "eventTime":"2026-01-01T00:00:00.001500Z","firstTimestamp":null,"lastTimestamp":null,
    "involvedObject":{"apiVersion":"v1","kind":"Pod","name":"p","namespace":"default",
      "resourceVersion":"17","uid":"pod-uid"},
    "message":"0/1 nodes are available",
    "metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","namespace":"default",
      "uid":"uid-1"},
    "reason":"FailedScheduling","reportingComponent":"default-scheduler",
    "reportingInstance":"default-scheduler-kless","source":{},"type":"Warning"})");
  ASSERT_EQ(write.id.name.rfind("default/p.", 0), 0U);
  expected["metadata"]["name"] = write.id.name.substr(8);
  EXPECT_EQ(json::parse(write.document), expected);
}

// The pod's condition is written after the first attempt, so the second event is about another
// version.
TEST_F(SchedulerEventTest, FromTheThirdAttemptOnThereIsASeries) {
  const EventWrite first = Say("same", 17);
  const EventWrite second = Say("same", 18);
  EXPECT_TRUE(second.create);
  EXPECT_NE(first.id.name, second.id.name);
  const EventWrite third = Say("same", 18, kNow + 60 * kSecond);
  EXPECT_FALSE(third.create);
  EXPECT_EQ(third.id, second.id);
  json document = json::parse(third.document);
  EXPECT_EQ(document["series"]["count"], 2);
  EXPECT_EQ(document["series"]["lastObservedTime"], "2026-01-01T00:01:00.000000Z");
  EXPECT_EQ(document["eventTime"], "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(document["metadata"]["uid"], "uid-2");
  EXPECT_EQ(json::parse(Say("same", 18, kNow + 120 * kSecond).document)["series"]["count"], 3);
}

TEST_F(SchedulerEventTest, ASeriesEndsAfterSixMinutesOfSilence) {
  Say("same", 18);
  EXPECT_FALSE(Say("same", 18, kNow + 360 * kSecond).create);
  EXPECT_TRUE(Say("same", 18, kNow + 721 * kSecond).create);
}

TEST_F(SchedulerEventTest, ALongNoteIsCut) {
  const json document = json::parse(Say(std::string(1025, 'x'), 1).document);
  EXPECT_EQ(document["message"], std::string(1020, 'x') + " ...");
  EXPECT_EQ(json::parse(Say(std::string(1024, 'x'), 2).document)["message"],
            std::string(1024, 'x'));
}

TEST_F(SchedulerEventTest, NothingIsDropped) {
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(json::parse(Say("m", static_cast<std::uint64_t>(i)).document)["message"], "m");
  }
}

}  // namespace
}  // namespace kless::controllers
