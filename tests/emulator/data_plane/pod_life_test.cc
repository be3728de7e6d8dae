// How pods start, run and end: exact times in virtual time, and statuses as kubelets write them.
#include <nlohmann/json.hpp>

#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

using History = std::vector<std::string>;

TEST(PodLifeTest, APodRunsAsLongAsItsCommandSleepsAndIsWrittenTwice) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "2.5"}));
  EXPECT_EQ(world.Phase("a"), "Running");
  world.RunFor(seconds(10));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "2500 Succeeded"}));
}

TEST(PodLifeTest, ARunningPodHasTheStatusThatAKubeletWrites) {
  DataPlaneWorld world;
  world.RunFor(seconds(61));
  world.Bind(PodObject("a", "node-0", {"sleep", "5"}));
  const json status = world.Status("a");
  EXPECT_EQ(status["phase"], "Running");
  EXPECT_EQ(status["startTime"], "2026-01-01T00:01:01Z");
  EXPECT_EQ(status["hostIP"], "172.16.0.10");
  EXPECT_EQ(status["hostIPs"], json::array({{{"ip", "172.16.0.10"}}}));
  EXPECT_EQ(status["podIP"], "10.0.0.2");
  EXPECT_EQ(status["podIPs"], json::array({{{"ip", "10.0.0.2"}}}));
  EXPECT_EQ(status["qosClass"], "BestEffort");
  EXPECT_EQ(status["observedGeneration"], 1);
  ASSERT_EQ(status["containerStatuses"].size(), 1u);
  const json container = status["containerStatuses"][0];
  EXPECT_EQ(container["name"], "main");
  EXPECT_EQ(container["image"], "busybox");
  EXPECT_EQ(container["ready"], true);
  EXPECT_EQ(container["started"], true);
  EXPECT_EQ(container["restartCount"], 0);
  EXPECT_EQ(container["state"], (json{{"running", {{"startedAt", "2026-01-01T00:01:01Z"}}}}));
  EXPECT_EQ(container["lastState"], json::object());
  EXPECT_EQ(container["containerID"].get<std::string>().size(), 8u + 64u);
  ASSERT_EQ(status["conditions"].size(), 5u);
  for (const char* type :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"}) {
    const json condition = world.Condition("a", type);
    EXPECT_EQ(condition["status"], "True") << type;
    EXPECT_EQ(condition["lastTransitionTime"], "2026-01-01T00:01:01Z") << type;
    EXPECT_EQ(condition["observedGeneration"], 1) << type;
    EXPECT_TRUE(condition["lastProbeTime"].is_null()) << type;
  }
  EXPECT_EQ(world.Condition("a", "PodScheduled")["lastTransitionTime"], "2025-12-31T23:59:59Z")
      << "the scheduler's condition stays as it is";
}

TEST(PodLifeTest, ASucceededPodIsNotReadyAndSaysCompleted) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "5"}));
  world.RunFor(seconds(5));
  const json status = world.Status("a");
  EXPECT_EQ(status["phase"], "Succeeded");
  const json ended = world.State("a")["terminated"];
  EXPECT_EQ(ended["exitCode"], 0);
  EXPECT_EQ(ended["reason"], "Completed");
  EXPECT_EQ(ended["startedAt"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(ended["finishedAt"], "2026-01-01T00:00:05Z");
  EXPECT_EQ(ended["containerID"], status["containerStatuses"][0]["containerID"]);
  EXPECT_EQ(status["containerStatuses"][0]["ready"], false);
  EXPECT_EQ(status["containerStatuses"][0]["started"], false);
  EXPECT_EQ(world.Condition("a", "Ready")["status"], "False");
  EXPECT_EQ(world.Condition("a", "Ready")["reason"], "PodCompleted");
  EXPECT_EQ(world.Condition("a", "Ready")["lastTransitionTime"], "2026-01-01T00:00:05Z");
  EXPECT_EQ(world.Condition("a", "Initialized")["status"], "True");
  EXPECT_EQ(world.Condition("a", "Initialized")["lastTransitionTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(status["podIP"], "10.0.0.2");
}

TEST(PodLifeTest, AShellThatExitsWithACodeFailsThePod) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sh", "-c", "sleep 2; exit 3"}));
  world.RunFor(seconds(2));
  EXPECT_EQ(world.Phase("a"), "Failed");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 3);
  EXPECT_EQ(world.State("a")["terminated"]["reason"], "Error");
  EXPECT_EQ(world.Condition("a", "Ready")["reason"], "PodFailed");
}

TEST(PodLifeTest, AnnotationsSayHowLongAndHowItEnds) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "1000"});
  pod["metadata"]["annotations"] = {{"kless.dev/run-time", "1.5s"}, {"kless.dev/exit-code", "42"}};
  world.Bind(pod);
  pod = PodObject("b", "node-0", {"server"});
  pod["metadata"]["annotations"] = {{"kless.dev/run-time", "250"}, {"kless.dev/oom", "true"}};
  world.Bind(pod);
  world.RunFor(seconds(10));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "1500 Failed"}));
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 42);
  EXPECT_EQ(world.History("b"), (History{"0 Pending", "0 Running", "250 Failed"}));
  EXPECT_EQ(world.State("b")["terminated"]["exitCode"], 137);
  EXPECT_EQ(world.State("b")["terminated"]["reason"], "OOMKilled");
}

TEST(PodLifeTest, PullAndStartPrecedeRunningWithoutAWriteOfTheirOwn) {
  DataPlaneConfig config = NodesConfig(1);
  config.image_pull = Delay(milliseconds(800));
  config.start = Delay(milliseconds(200));
  config.run_time = Delay(seconds(3));
  DataPlaneWorld world(config);
  world.Bind(PodObject("a", "node-0", {"work"}));
  world.RunFor(seconds(10));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "1000 Running", "4000 Succeeded"}));
}

TEST(PodLifeTest, AStageThatPostsWritesThatContainersAreBeingCreated) {
  DataPlaneConfig config = NodesConfig(1);
  config.stages =
      StagesFromJson(
          json::parse(
              R"([{"step":"image-pull","delay":500,"post":true},{"step":"ready","delay":700},
                          {"step":"exit","delay":100}])"))
          .value();
  DataPlaneWorld world(config);
  world.Bind(PodObject("a", "node-0", {"sleep", "2"}));
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "ContainerCreating");
  EXPECT_EQ(world.Status("a")["startTime"], "2026-01-01T00:00:00Z");
  world.RunFor(milliseconds(600));
  EXPECT_EQ(world.Phase("a"), "Running");
  EXPECT_EQ(world.Condition("a", "Ready")["reason"], "ContainersNotReady");
  EXPECT_EQ(world.Condition("a", "Ready")["message"], "containers with unready status: [main]");
  world.RunFor(seconds(10));
  EXPECT_EQ(world.History("a"),
            (History{"0 Pending", "0 Pending", "500 Running", "1200 Running", "2600 Succeeded"}));
  EXPECT_EQ(world.State("a")["terminated"]["finishedAt"], "2026-01-01T00:00:02Z")
      << "when it ended, not when the kubelet heard of it";
}

TEST(PodLifeTest, AlternativesOfAStageAreDrawnByWeight) {
  DataPlaneConfig config = NodesConfig(10);
  config.stages = StagesFromJson(json::parse(R"([{"step":"run","weight":3},
                                                 {"step":"run","weight":1,"exit_code":7}])"))
                      .value();
  DataPlaneWorld world(config);
  for (int i = 0; i < 400; ++i) {
    world.Put("pod", PodObject("p" + std::to_string(i), "node-" + std::to_string(i % 10), {"x"}));
  }
  world.RunFor(seconds(1));
  const DataPlaneStats stats = world.plane().Stats();
  EXPECT_EQ(stats.succeeded + stats.failed, 400u);
  EXPECT_GT(stats.failed, 70u);
  EXPECT_LT(stats.failed, 130u);
}

TEST(PodLifeTest, JitterIsAddedToTheDelay) {
  DataPlaneConfig config = NodesConfig(1);
  config.stages =
      StagesFromJson(json::parse(R"([{"step":"start","delay":1000,"jitter":1000}])")).value();
  DataPlaneWorld world(config);
  for (int i = 0; i < 50; ++i) {
    world.Put("pod", PodObject("p" + std::to_string(i), "node-0", {"sleep", "100"}));
  }
  world.RunFor(milliseconds(999));
  EXPECT_EQ(world.plane().Stats().running, 0u);
  world.RunFor(milliseconds(501));
  EXPECT_GT(world.plane().Stats().running, 10u);
  EXPECT_LT(world.plane().Stats().running, 40u);
  world.RunFor(milliseconds(501));
  EXPECT_EQ(world.plane().Stats().running, 50u);
}

TEST(PodLifeTest, APodEndsWithTheLastOfItsContainersAndFailsIfOneFailed) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "1"});
  pod["spec"]["containers"].push_back(
      {{"name", "other"}, {"image", "x"}, {"command", {"sh", "-c", "sleep 3; exit 1"}}});
  world.Bind(pod);
  world.RunFor(seconds(1));
  EXPECT_EQ(world.Phase("a"), "Running");
  EXPECT_EQ(world.Condition("a", "Ready")["message"], "containers with unready status: [main]");
  world.RunFor(seconds(5));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "1000 Running", "3000 Failed"}));
  EXPECT_EQ(world.State("a", 0)["terminated"]["exitCode"], 0);
  EXPECT_EQ(world.State("a", 1)["terminated"]["exitCode"], 1);
}

TEST(PodLifeTest, InitContainersRunInOrderBeforeTheOthersStart) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "4"});
  pod["spec"]["initContainers"] =
      json::array({{{"name", "one"}, {"image", "i"}, {"command", {"sleep", "1"}}},
                   {{"name", "two"}, {"image", "i"}, {"command", {"sleep", "2"}}}});
  world.Bind(pod);
  EXPECT_EQ(world.Phase("a"), "Pending");
  EXPECT_EQ(world.Condition("a", "Initialized")["message"],
            "containers with incomplete status: [one two]");
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "PodInitializing");
  EXPECT_TRUE(world.Status("a")["initContainerStatuses"][0]["state"].contains("running"));
  world.RunFor(seconds(1));
  EXPECT_EQ(world.Condition("a", "Initialized")["message"],
            "containers with incomplete status: [two]");
  world.RunFor(seconds(20));
  EXPECT_EQ(world.History("a"),
            (History{"0 Pending", "0 Pending", "1000 Pending", "3000 Running", "7000 Succeeded"}));
  EXPECT_EQ(world.Status("a")["initContainerStatuses"][0]["ready"], true);
}

TEST(PodLifeTest, AFailedInitContainerFailsThePod) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "4"});
  pod["spec"]["initContainers"] =
      json::array({{{"name", "one"}, {"image", "i"}, {"command", {"false"}}}});
  world.Bind(pod);
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Pending", "0 Failed"}));
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "PodInitializing");
}

TEST(PodLifeTest, ASidecarRunsAlongAndGoesWhenTheMainContainersHaveEnded) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "3"});
  pod["spec"]["initContainers"] = json::array(
      {{{"name", "proxy"}, {"image", "i"}, {"restartPolicy", "Always"}, {"command", {"proxy"}}}});
  world.Bind(pod);
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running"})) << "both start at once";
  EXPECT_EQ(world.Status("a")["initContainerStatuses"][0]["ready"], true);
  world.RunFor(seconds(9));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "3000 Succeeded"}));
  EXPECT_EQ(world.Status("a")["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 143);
}

TEST(PodLifeTest, ActiveDeadlineSecondsEndThePod) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "100"});
  pod["spec"]["activeDeadlineSeconds"] = 5;
  world.Bind(pod);
  world.RunFor(seconds(100));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "5000 Failed"}));
  EXPECT_EQ(world.Status("a")["reason"], "DeadlineExceeded");
  EXPECT_EQ(world.Status("a")["message"],
            "Pod was active on the node longer than the specified deadline");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 143);
}

TEST(PodLifeTest, AnImageThatCannotBePulledBacksOffUntilTheAnnotationGoes) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "1"});
  pod["metadata"]["annotations"]["kless.dev/image-pull"] = "fail";
  world.Bind(pod);
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "ErrImagePull");
  world.RunFor(seconds(10));
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "ImagePullBackOff");
  EXPECT_EQ(world.State("a")["waiting"]["message"], "Back-off pulling image \"busybox\"");
  world.RunFor(std::chrono::hours(1));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Pending", "10000 Pending"}));
  pod = world.Pod("a");
  pod["metadata"]["annotations"].erase("kless.dev/image-pull");
  world.Bind(pod);
  EXPECT_EQ(world.Phase("a"), "Running");
}

TEST(PodLifeTest, FaultsEndAPodNow) {
  DataPlaneWorld world;
  for (const char* name : {"a", "b", "c"}) world.Bind(PodObject(name, "node-0", {"sleep", "99"}));
  world.RunFor(seconds(1));
  ASSERT_TRUE(world.plane().FailPod("default/a", 9).has_value());
  ASSERT_TRUE(world.plane().OomPod("default/b").has_value());
  ASSERT_TRUE(world.plane().EvictPod("default/c", "The node was low on memory.").has_value());
  world.RunFor(Duration::zero());
  EXPECT_EQ(world.History("a").back(), "1000 Failed");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 9);
  EXPECT_EQ(world.State("b")["terminated"]["reason"], "OOMKilled");
  EXPECT_EQ(world.Status("c")["reason"], "Evicted");
  EXPECT_EQ(world.Status("c")["message"], "The node was low on memory.");
  EXPECT_EQ(world.State("c")["terminated"]["exitCode"], 137);
  EXPECT_EQ(world.Condition("c", "DisruptionTarget")["reason"], "TerminationByKubelet");
  EXPECT_EQ(world.plane().FailPod("default/a", 9).error().code, ErrorCode::kNotFound);
}

TEST(PodLifeTest, PodsOfOtherNodesAreLeftAlone) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "somewhere-else", {"true"}));
  json unbound = PodObject("b", "", {"true"});
  unbound["spec"].erase("nodeName");
  world.Bind(unbound);
  world.RunFor(seconds(5));
  EXPECT_EQ(world.History("a"), (History{"0 Pending"}));
  EXPECT_EQ(world.History("b"), (History{"0 Pending"}));
}

}  // namespace
}  // namespace kless::data_plane
