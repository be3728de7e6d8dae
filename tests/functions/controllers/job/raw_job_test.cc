// Jobs that were put straight into the table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSmallest =
    R"({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"b"}]}}}})";

TEST(RawJobTest, DefaultsAreWrittenFirstAndThenThePodsCome) {
  JobWorld world(JobWorld::Raw{}, kSmallest);
  ASSERT_TRUE(world.Step());
  EXPECT_THAT(world.log, ElementsAre("update"));
  const json job = world.Job();
  EXPECT_EQ(job["apiVersion"], "batch/v1");
  EXPECT_EQ(job["metadata"]["name"], "j");
  EXPECT_EQ(job["metadata"]["namespace"], "default");
  EXPECT_EQ(job["metadata"]["generation"], 1);
  EXPECT_EQ(job["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(job["metadata"]["labels"].size(), 4U);
  EXPECT_EQ(job["spec"]["backoffLimit"], 6);
  EXPECT_EQ(job["status"], json::object());
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  EXPECT_EQ(world.Status()["active"], 1);
}

TEST(RawJobTest, OwnUidAndStatusAreKept) {
  json raw = json::parse(kSmallest);
  raw["metadata"] = {{"uid", "mine"}, {"resourceVersion", "7"}};
  raw["status"] = {{"note", "x"}};
  raw["extra"] = 1;
  JobWorld world(JobWorld::Raw{}, raw.dump());
  world.Settle();
  const json job = world.Job();
  EXPECT_EQ(job["metadata"]["uid"], "mine");
  EXPECT_FALSE(job["metadata"].contains("resourceVersion"));
  EXPECT_EQ(job["status"]["note"], "x");
  EXPECT_EQ(job["extra"], 1);
  EXPECT_EQ(job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"], "mine");
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
}

TEST(RawJobTest, InvalidJobIsToldOnceOnTheObjectAndAsAnEvent) {
  json raw = json::parse(kSmallest);
  raw["spec"]["template"]["spec"]["restartPolicy"] = "Always";
  raw["spec"]["parallelism"] = -1;
  JobWorld world(JobWorld::Raw{}, raw.dump());
  world.Settle();
  const std::string message =
      "Job.batch \"j\" is invalid: [spec.parallelism: Invalid value: -1: must be greater than or "
      "equal to 0, spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", "
      "\"Never\"]";
  EXPECT_THAT(world.events, ElementsAre("Warning InvalidObject " + message));
  EXPECT_THAT(world.log, ElementsAre("update"));
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("Invalid=True(InvalidObject)"));
  EXPECT_EQ(world.Status()["conditions"][0]["message"], message);
  EXPECT_EQ(world.Job()["spec"], raw["spec"]);  // as its writer wrote it
  EXPECT_FALSE(world.Job()["metadata"]["uid"].get<std::string>().empty());
}

TEST(RawJobTest, WrongTypesAreToldInTheDecodersWords) {
  JobWorld world(JobWorld::Raw{}, R"({"metadata":[],"spec":{"parallelism":"x"}})");
  world.Settle();
  EXPECT_THAT(world.events,
              ElementsAre("Warning InvalidObject Job in version \"v1\" cannot be handled as a Job: "
                          "json: cannot unmarshal array into Go struct field Job.metadata of type "
                          "v1.ObjectMeta"));
  EXPECT_EQ(world.Job()["metadata"], json::array());
}

TEST(RawJobTest, RepairedJobContinues) {
  JobWorld world(JobWorld::Raw{}, R"({"spec":{"parallelism":-1}})");
  world.Settle();
  EXPECT_THAT(world.PodNames(), IsEmpty());
  world.PatchJob(json::parse(R"({"spec":{"parallelism":2,"completions":2,"template":{"spec":{
      "restartPolicy":"Never","containers":[{"name":"c","image":"b"}]}}}})"));
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
}

TEST(RawJobTest, NonObjectsAreLeftAlone) {
  for (const char* text : {"", "no json", "[]", "7", "null", "{\"spec\":"}) {
    JobWorld world(JobWorld::Raw{}, text);
    EXPECT_FALSE(world.Step()) << text;
  }
}

TEST(RawJobTest, NamesThatAreNotKubernetesNamesAreRefused) {
  JobWorld world(JobWorld::Raw{}, kSmallest, "A_b");
  world.Settle();
  EXPECT_THAT(world.PodNames(), IsEmpty());
  EXPECT_THAT(Conditions(world.Status()), SizeIs(1));
}

// Replaces every value of a defaulted, running Job by wrong ones: nothing throws, and it settles.
void CollectPaths(const json& value, const json::json_pointer& at,
                  std::vector<json::json_pointer>& paths) {
  paths.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) CollectPaths(member, at / key, paths);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) CollectPaths(value[i], at / i, paths);
  }
}

TEST(RawJobTest, NoDocumentMakesTheControllerThrowOrLoop) {
  JobWorld source(json{{"completionMode", "Indexed"}, {"completions", 3}, {"parallelism", 2}});
  source.Settle();
  source.SetPhase(source.PodWithIndex(0), "Succeeded");
  source.Settle();
  json good = source.Job();
  good["status"]["uncountedTerminatedPods"] = {{"succeeded", {"u1"}}, {"failed", {"u2"}}};
  good["status"]["conditions"] = json::parse(R"([{"type":"Suspended","status":"False"}])");
  std::vector<json::json_pointer> paths;
  CollectPaths(good, json::json_pointer(), paths);
  for (const json::json_pointer& path : paths) {
    for (const json& wrong :
         {json(), json("x"), json(-3), json::array({json(), json(1)}), json({{"a", 1}})}) {
      json mutant = good;
      mutant[path] = wrong;
      SCOPED_TRACE(path.to_string() + " = " + wrong.dump());
      JobWorld world(JobWorld::Raw{}, mutant.dump());
      ASSERT_NO_THROW(world.Settle());
      ASSERT_LE(world.PodNames().size(), 3U);
    }
  }
}

}  // namespace
}  // namespace kless::controllers
