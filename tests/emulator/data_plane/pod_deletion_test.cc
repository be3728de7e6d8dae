// Graceful deletion: the kubelet stops the containers, reports their end, and confirms.
#include <nlohmann/json.hpp>

#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

using History = std::vector<std::string>;

TEST(PodDeletionTest, ADeletedPodEndsInATerminalPhaseBeforeItGoes) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "99"}));
  world.RunFor(seconds(3));
  world.Delete("a");
  EXPECT_EQ(world.History("a"),
            (History{"0 Pending", "0 Running", "3000 Running", "3000 Failed", "3000 gone"}));
  EXPECT_TRUE(world.plane().Idle());
  EXPECT_EQ(world.plane().Stats().deletions, 1u);
}

TEST(PodDeletionTest, ContainersStopAfterTheStopDelayWithSigterm) {
  DataPlaneConfig config = NodesConfig(1);
  config.stop = Delay(seconds(4));
  DataPlaneWorld world(config);
  json pod = PodObject("a", "node-0", {"sleep", "99"});
  pod["metadata"]["finalizers"] = {"batch.kubernetes.io/job-tracking"};
  world.Bind(pod);
  world.RunFor(seconds(1));
  world.Delete("a");
  world.RunFor(seconds(4) - milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Running");
  world.RunFor(milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Failed");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 143);
  EXPECT_EQ(world.State("a")["terminated"]["finishedAt"], "2026-01-01T00:00:05Z");
}

TEST(PodDeletionTest, WhatIgnoresSigtermIsKilledWhenItsGraceRunsOut) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "99"});
  pod["metadata"]["annotations"]["kless.dev/ignore-sigterm"] = "true";
  pod["metadata"]["finalizers"] = {"x.io/keep"};
  world.Bind(pod);
  world.Delete("a");
  world.RunFor(seconds(30) - milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Running");
  world.RunFor(milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Failed");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 137);
}

TEST(PodDeletionTest, AShorterGraceThatComesLaterCounts) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "99"});
  pod["metadata"]["annotations"]["kless.dev/ignore-sigterm"] = "true";
  world.Bind(pod);
  world.Delete("a");
  world.RunFor(seconds(5));
  world.Delete("a", 2);
  world.RunFor(seconds(30));
  EXPECT_EQ(world.History("a").back(), "7000 gone");
}

TEST(PodDeletionTest, WithFinalizersTheObjectStaysWithoutGraceAndGoesWithTheLastOne) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "99"});
  pod["metadata"]["finalizers"] = {"batch.kubernetes.io/job-tracking"};
  world.Bind(pod);
  world.RunFor(seconds(2));
  world.Delete("a");
  world.RunFor(seconds(60));
  const json left = world.Pod("a");
  EXPECT_EQ(left["status"]["phase"], "Failed");
  EXPECT_EQ(left["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(left["metadata"]["deletionTimestamp"], "2026-01-01T00:00:02Z");
  EXPECT_TRUE(kless::data_plane::PodDocument(left.dump()).deleting);
  EXPECT_TRUE(world.plane().Idle());
}

TEST(PodDeletionTest, APodWhoseContainersAllEndedWellInItsGraceSucceeds) {
  DataPlaneConfig config = NodesConfig(1);
  config.stop = Delay(seconds(10));
  DataPlaneWorld world(config);
  world.Bind(PodObject("a", "node-0", {"sleep", "5"}));
  world.RunFor(seconds(1));
  world.Delete("a");
  world.RunFor(seconds(20));
  EXPECT_EQ(world.History("a"),
            (History{"0 Pending", "0 Running", "1000 Running", "5000 Succeeded", "5000 gone"}));
}

TEST(PodDeletionTest, APodThatNeverStartedGoesAtOnce) {
  DataPlaneConfig config = NodesConfig(1);
  config.image_pull = Delay(seconds(100));
  DataPlaneWorld world(config);
  json pod = PodObject("a", "node-0", {"sleep", "5"});
  pod["metadata"]["finalizers"] = {"x.io/keep"};
  world.Bind(pod);
  world.Delete("a");
  EXPECT_EQ(world.Phase("a"), "Failed");
  EXPECT_EQ(world.State("a")["terminated"]["reason"], "ContainerStatusUnknown");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 137);
}

TEST(PodDeletionTest, ADeletedPodIsNotRestarted) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"false"});
  pod["spec"]["restartPolicy"] = "Always";
  pod["metadata"]["finalizers"] = {"x.io/keep"};
  world.Bind(pod);
  world.RunFor(seconds(1));
  EXPECT_EQ(world.State("a")["waiting"]["reason"], "CrashLoopBackOff");
  world.Delete("a");
  world.RunFor(std::chrono::hours(1));
  EXPECT_EQ(world.Phase("a"), "Failed");
  EXPECT_EQ(world.State("a")["terminated"]["exitCode"], 1) << "how it ended the last time";
  EXPECT_EQ(world.Status("a")["containerStatuses"][0]["restartCount"], 1);
}

TEST(PodDeletionTest, ARecordThatHasNotComeYetIsHeeded) {
  // Another writer is first: the timer of the pod's end fires before the record of the deletion
  // arrives.
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "2"}));
  json meddled = world.Pod("a");
  world.event_loop().CallAt(TimePoint(seconds(2)) - Duration(1), [&] {
    meddled["metadata"]["labels"] = {{"who", "other"}};
    meddled["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:32Z";
    meddled["metadata"]["deletionGracePeriodSeconds"] = 30;
    meddled["metadata"]["finalizers"] = {"x.io/keep"};
    world.Put("pod", meddled);
    // In the same step as the write, before its record is published.
    ASSERT_TRUE(world.plane().FailPod("default/a", 5).has_value());
  });
  world.RunFor(seconds(10));
  EXPECT_EQ(world.plane().Stats().conflicts, 1u);
  const json left = world.Pod("a");
  EXPECT_EQ(left["metadata"]["labels"]["who"], "other") << "nothing of the other write is lost";
  EXPECT_EQ(left["status"]["phase"], "Failed");
  EXPECT_EQ(left["metadata"]["deletionGracePeriodSeconds"], 0) << "and the deletion is confirmed";
}

}  // namespace
}  // namespace kless::data_plane
