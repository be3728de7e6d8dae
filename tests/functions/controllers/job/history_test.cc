// The status histories that a real 1.36.2 job controller wrote (job_probe): the same ends of pods
// give the same statuses, write by write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A status as the recording prints it: times "set", uncounted pods by number, conditions by name.
std::string Printed(json status) {
  for (const char* key : {"startTime", "completionTime"}) {
    if (status.contains(key)) status[key] = "set";
  }
  for (auto& [key, uids] : status["uncountedTerminatedPods"].items()) uids = uids.size();
  if (status.contains("conditions")) {
    json names = json::array();
    for (const json& condition : status["conditions"]) {
      EXPECT_EQ(condition["lastProbeTime"], condition["lastTransitionTime"]);
      names.push_back(condition["type"].get<std::string>() + "=" +
                      condition["status"].get<std::string>() + "(" +
                      condition["reason"].get<std::string>() + "|" +
                      condition["message"].get<std::string>() + ")");
    }
    status["conditions"] = names;
  } else {
    status["conditions"] = json::array();
  }
  return status.dump();
}

std::string Recorded(const char* text) { return json::parse(text).dump(); }

std::vector<std::string> History(const JobWorld& world) {
  std::vector<std::string> printed;
  for (const json& status : world.statuses()) printed.push_back(Printed(status));
  return printed;
}

#define REACHED "CompletionsReached|Reached expected number of succeeded pods)\""
#define MET "\"SuccessCriteriaMet=True(" REACHED
#define COMPLETE "\"Complete=True(" REACHED

TEST(JobHistoryTest, D2_D4_D7_D8_Basic) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  world.Settle();
  const auto first = world.ActivePods();
  world.Run(first[0], true);
  world.Settle();
  world.now += 2 * kSecond;
  world.SetPhase(first[0], "Succeeded");
  world.SetPhase(first[1], "Succeeded");
  world.Settle();
  world.now += kSecond;
  world.SetPhase(world.ActivePods()[0], "Succeeded");
  world.Settle();
  EXPECT_THAT(
      History(world),
      ElementsAre(
          Recorded(R"({"startTime":"set","active":2,"terminating":0,"uncountedTerminatedPods":{},
                       "ready":0,"conditions":[]})"),
          Recorded(R"({"startTime":"set","active":2,"terminating":0,"uncountedTerminatedPods":{},
                       "ready":1,"conditions":[]})"),
          Recorded(R"({"startTime":"set","active":1,"terminating":0,
                       "uncountedTerminatedPods":{"succeeded":2},"ready":0,"conditions":[]})"),
          Recorded(R"({"startTime":"set","active":1,"succeeded":2,"terminating":0,
                       "uncountedTerminatedPods":{},"ready":0,"conditions":[]})"),
          Recorded("{\"conditions\":[" MET R"(],"startTime":"set","succeeded":2,"terminating":0,
                       "uncountedTerminatedPods":{"succeeded":1},"ready":0})"),
          Recorded("{\"conditions\":[" MET "," COMPLETE R"(],"startTime":"set",
                       "completionTime":"set","succeeded":3,"terminating":0,
                       "uncountedTerminatedPods":{},"ready":0})")));
  EXPECT_THAT(world.events, SizeIs(4));
  EXPECT_EQ(world.events.back(), "Normal Completed Job completed");
  for (const std::string& name : world.PodNames()) {
    EXPECT_FALSE(world.Pod(name)["metadata"].contains("finalizers"));
  }
  EXPECT_EQ(world.Status()["completionTime"],
            world.Status()["conditions"][1]["lastTransitionTime"]);
}

TEST(JobHistoryTest, D3_Indexed) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 5}, {"parallelism", 5}});
  world.Settle();
  for (int index : {0, 2, 3, 4}) world.SetPhase(world.PodWithIndex(index), "Succeeded");
  world.Settle();
  world.SetPhase(world.PodWithIndex(1), "Succeeded");
  world.Settle();
  EXPECT_THAT(
      History(world),
      ElementsAre(
          Recorded(R"({"startTime":"set","active":5,"terminating":0,"uncountedTerminatedPods":{},
                       "ready":0,"conditions":[]})"),
          Recorded(R"({"startTime":"set","active":1,"succeeded":4,"terminating":0,
                       "completedIndexes":"0,2-4","uncountedTerminatedPods":{},"ready":0,
                       "conditions":[]})"),
          Recorded("{\"conditions\":[" MET R"(],"startTime":"set","succeeded":5,"terminating":0,
                       "completedIndexes":"0-4","uncountedTerminatedPods":{},"ready":0})"),
          Recorded("{\"conditions\":[" MET "," COMPLETE R"(],"startTime":"set",
                       "completionTime":"set","succeeded":5,"terminating":0,
                       "completedIndexes":"0-4","uncountedTerminatedPods":{},"ready":0})")));
}

TEST(JobHistoryTest, C13_ZeroCompletions) {
  JobWorld world(json{{"completions", 0}});
  world.Settle();
  EXPECT_THAT(History(world),
              ElementsAre(Recorded("{\"conditions\":[" MET R"(],"startTime":"set","terminating":0,
                              "uncountedTerminatedPods":{},"ready":0})"),
                          Recorded("{\"conditions\":[" MET "," COMPLETE R"(],"startTime":"set",
                              "completionTime":"set","terminating":0,
                              "uncountedTerminatedPods":{},"ready":0})")));
  EXPECT_THAT(world.PodNames(), IsEmpty());
}

TEST(JobHistoryTest, C13_E15_ZeroCompletionsSuspended) {
  JobWorld world(json{{"completions", 0}, {"suspend", true}});
  world.Settle();
  EXPECT_THAT(History(world),
              ElementsAre(Recorded("{\"conditions\":[" MET R"(],"terminating":0,
                              "uncountedTerminatedPods":{},"ready":0})"),
                          Recorded("{\"conditions\":[" MET "," COMPLETE R"(],"completionTime":"set",
                              "terminating":0,"uncountedTerminatedPods":{},"ready":0})")));
}

TEST(JobHistoryTest, E11_E12_E13_SuspendAndResume) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}, {"suspend", true}});
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"suspend":false}})"));
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"suspend":false}})"));
  world.Settle();
  for (const std::string& name : world.ActivePods()) world.SetPhase(name, "Succeeded");
  world.Settle();
#define SUSPENDED "\"Suspended=True(JobSuspended|Job suspended)\""
#define RESUMED "\"Suspended=False(JobResumed|Job resumed)\""
  const std::string suspended = Recorded(
      "{\"conditions\":[" SUSPENDED R"(],"terminating":0,"uncountedTerminatedPods":{},"ready":0})");
  const std::string resumed = Recorded("{\"conditions\":[" RESUMED R"(],"startTime":"set",
      "active":2,"terminating":0,"uncountedTerminatedPods":{},"ready":0})");
  EXPECT_THAT(
      History(world),
      ElementsAre(
          suspended, resumed, Recorded("{\"conditions\":[" SUSPENDED R"(],"terminating":2,
                       "uncountedTerminatedPods":{},"ready":0})"),
          suspended, resumed,
          Recorded("{\"conditions\":[" RESUMED "," MET R"(],"startTime":"set","terminating":0,
                       "uncountedTerminatedPods":{"succeeded":2},"ready":0})"),
          Recorded("{\"conditions\":[" RESUMED "," MET "," COMPLETE R"(],"startTime":"set",
                       "completionTime":"set","succeeded":2,"terminating":0,
                       "uncountedTerminatedPods":{},"ready":0})")));
  // None of the deleted pods counted as failed, and each change was reported.
  std::vector<std::string> kinds;
  for (const std::string& event : world.events)
    kinds.push_back(event.substr(0, event.find(' ', 7)));
  EXPECT_THAT(kinds,
              ElementsAre("Normal Suspended", "Normal SuccessfulCreate", "Normal SuccessfulCreate",
                          "Normal Resumed", "Normal SuccessfulDelete", "Normal SuccessfulDelete",
                          "Normal Suspended", "Normal SuccessfulCreate", "Normal SuccessfulCreate",
                          "Normal Resumed", "Normal Completed"));
}

}  // namespace
}  // namespace kless::controllers
