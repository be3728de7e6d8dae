// Restarts in place: policies, back-off, and the state that a restarted daemon takes over.
#include <nlohmann/json.hpp>

#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

using History = std::vector<std::string>;

json WithPolicy(json pod, const char* policy) {
  pod["spec"]["restartPolicy"] = policy;
  return pod;
}

int Restarts(DataPlaneWorld& world, const std::string& pod) {
  return world.Status(pod)["containerStatuses"][0]["restartCount"].get<int>();
}

TEST(PodRestartTest, OnFailureRestartsUntilARunSucceeds) {
  DataPlaneWorld world;
  json pod = WithPolicy(PodObject("a", "node-0", {"work"}), "OnFailure");
  pod["metadata"]["annotations"] = {{"kless.dev/run-time", "2s"}, {"kless.dev/exit-code", "1,1,0"}};
  world.Bind(pod);
  world.RunFor(seconds(100));
  // The first restart is immediate, the second comes after 10 s.
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running", "2000 Running", "4000 Running",
                                         "14000 Running", "16000 Succeeded"}));
  EXPECT_EQ(Restarts(world, "a"), 2);
  EXPECT_EQ(world.Status("a")["containerStatuses"][0]["lastState"]["terminated"]["exitCode"], 1);
}

TEST(PodRestartTest, CrashLoopsBackOffFromTenSecondsToFiveMinutes) {
  DataPlaneWorld world;
  world.Bind(WithPolicy(PodObject("a", "node-0", {"sh", "-c", "exit 1"}), "Always"));
  EXPECT_EQ(Restarts(world, "a"), 1) << "the first restart is at once";
  const json status = world.Status("a")["containerStatuses"][0];
  EXPECT_EQ(status["state"]["waiting"]["reason"], "CrashLoopBackOff");
  EXPECT_EQ(status["state"]["waiting"]["message"],
            "back-off 10s restarting failed container=main pod=a_default(uid-a)");
  EXPECT_EQ(status["lastState"]["terminated"]["exitCode"], 1);
  EXPECT_EQ(status["ready"], false);
  EXPECT_EQ(world.Phase("a"), "Running");
  const std::vector<int> starts = {10, 30, 70, 150, 310, 610, 910};
  for (std::size_t i = 0; i < starts.size(); ++i) {
    world.RunFor(seconds(starts[i]) - milliseconds(1) - milliseconds(world.NowMs()));
    EXPECT_EQ(Restarts(world, "a"), static_cast<int>(i) + 1) << starts[i];
    world.RunFor(milliseconds(1));
    EXPECT_EQ(Restarts(world, "a"), static_cast<int>(i) + 2) << starts[i];
  }
  EXPECT_EQ(world.State("a")["waiting"]["message"],
            "back-off 5m0s restarting failed container=main pod=a_default(uid-a)");
}

TEST(PodRestartTest, TenMinutesOfRunningEndTheBackOff) {
  DataPlaneWorld world;
  json pod = WithPolicy(PodObject("a", "node-0", {"work"}), "Always");
  pod["metadata"]["annotations"] = {{"kless.dev/run-time", "11m"}, {"kless.dev/exit-code", "1"}};
  world.Bind(pod);
  world.RunFor(std::chrono::minutes(11 * 5) + seconds(1));
  EXPECT_EQ(Restarts(world, "a"), 5) << "each at once";
}

TEST(PodRestartTest, ContainersOfAlwaysRunUntilTheyAreStopped) {
  DataPlaneWorld world;
  world.Bind(WithPolicy(PodObject("a", "node-0", {"nginx"}), "Always"));
  world.RunFor(std::chrono::hours(100));
  EXPECT_EQ(world.History("a"), (History{"0 Pending", "0 Running"}));
  EXPECT_TRUE(world.plane().Idle());
}

TEST(PodRestartTest, AFailedInitContainerIsRestartedWithOnFailure) {
  DataPlaneWorld world;
  json pod = WithPolicy(PodObject("a", "node-0", {"sleep", "1"}), "OnFailure");
  pod["spec"]["initContainers"] = json::array({{{"name", "one"}, {"image", "i"}}});
  pod["metadata"]["annotations"] = {{"kless.dev/exit-code.one", "1,0"},
                                    {"kless.dev/run-time.one", "2s"}};
  world.Bind(pod);
  world.RunFor(seconds(20));
  EXPECT_EQ(world.History("a"),
            (History{"0 Pending", "0 Pending", "2000 Pending", "4000 Running", "5000 Succeeded"}));
  EXPECT_EQ(world.Status("a")["initContainerStatuses"][0]["restartCount"], 1);
}

TEST(PodRestartTest, ARestartedDaemonRunsOnTheRemainingTime) {
  DataPlaneConfig config = NodesConfig(1);
  config.run_time = Distribution::FromJson({{"uniform_ms", {5000, 50000}}}).value();
  DataPlaneWorld undisturbed(config);
  DataPlaneWorld restarted(config);
  for (DataPlaneWorld* world : {&undisturbed, &restarted}) {
    world->RunFor(milliseconds(1234));
    for (int i = 0; i < 20; ++i) {
      world->Put("pod", PodObject("p" + std::to_string(i), "node-0", {"work"}));
    }
    world->RunFor(seconds(4));
  }
  restarted.Restart();
  undisturbed.RunFor(seconds(60));
  restarted.RunFor(seconds(60));
  for (int i = 0; i < 20; ++i) {
    const std::string name = "p" + std::to_string(i);
    EXPECT_EQ(restarted.History(name), undisturbed.History(name)) << "to the millisecond";
    EXPECT_EQ(restarted.Phase(name), "Succeeded");
  }
}

TEST(PodRestartTest, ARestartInTheMiddleOfABackOffRestartsTheContainerOnTime) {
  DataPlaneWorld world;
  world.Bind(WithPolicy(PodObject("a", "node-0", {"false"}), "OnFailure"));
  world.RunFor(seconds(10));  // the next attempt is 20 s later
  EXPECT_EQ(Restarts(world, "a"), 2);
  world.RunFor(seconds(5));
  world.Restart();
  world.RunFor(seconds(15) - milliseconds(1));
  EXPECT_EQ(Restarts(world, "a"), 2);
  world.RunFor(milliseconds(1));
  EXPECT_EQ(Restarts(world, "a"), 3);
}

TEST(PodRestartTest, WhatHappenedWhileTheDaemonWasAwayIsCaughtUpWith) {
  DataPlaneWorld world;
  world.Bind(PodObject("runs", "node-0", {"sleep", "5"}));
  world.Bind(PodObject("deleted", "node-0", {"sleep", "500"}));
  world.plane().Stop();
  world.Put("pod", PodObject("new", "node-0", {"true"}));
  world.Delete("deleted");
  world.RunFor(seconds(20));
  EXPECT_EQ(world.Phase("runs"), "Running");
  EXPECT_EQ(world.Phase("deleted"), "Running");
  world.Restart();
  EXPECT_EQ(world.Phase("runs"), "Succeeded");
  EXPECT_EQ(world.State("runs")["terminated"]["finishedAt"], "2026-01-01T00:00:05Z");
  EXPECT_EQ(world.Phase("new"), "Succeeded");
  EXPECT_EQ(world.Phase("deleted"), "gone");
}

}  // namespace
}  // namespace kless::data_plane
