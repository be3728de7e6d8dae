// Edits of pod documents, and the texts of events.
#include "functions/controllers/scheduler/pod_edits.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/raw_json.h"
#include "functions/controllers/scheduler/messages.h"
#include "functions/controllers/scheduler/pod_scan.h"
#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

const json kPending = {
    {"apiVersion", "v1"},
    {"kind", "Pod"},
    {"metadata", {{"name", "a"}, {"generation", 3}, {"labels", {{"a", "b"}}}}},
    {"spec",
     {{"containers", json::array({{{"name", "c"}, {"args", {"}\"{", "nodeName"}}}})},
      {"restartPolicy", "Never"}}},
    {"status", {{"phase", "Pending"}, {"qosClass", "BestEffort"}}}};

json Bound(json pod, const char* node) {
  pod["spec"]["nodeName"] = node;
  pod["status"]["conditions"] = json::array({{{"type", "PodScheduled"},
                                              {"status", "True"},
                                              {"lastProbeTime", nullptr},
                                              {"lastTransitionTime", "2026-01-01T00:00:00Z"}}});
  return pod;
}

TEST(SchedulerDocumentsTest, SC39_BindingWritesNodeAndConditionIntoTheText) {
  const auto bound = BindPod(kPending.dump(), "n\"1", {}, kStart);
  ASSERT_TRUE(bound);
  EXPECT_EQ(*bound, Bound(kPending, "n\"1").dump()) << "byte for byte as if it had been parsed";

  json bare = {{"metadata", json::object()}, {"spec", json::object()}, {"status", json::object()}};
  EXPECT_EQ(BindPod(bare.dump(), "n1", {}, kStart), Bound(bare, "n1").dump());
  json ready = kPending;
  ready["status"]["conditions"] = json::array({{{"type", "X"}, {"status", "True"}}});
  json expected = Bound(kPending, "n1");
  expected["status"]["conditions"].insert(expected["status"]["conditions"].begin(),
                                          ready["status"]["conditions"][0]);
  EXPECT_EQ(BindPod(ready.dump(), "n1", {}, kStart), expected.dump());
  json indented = kPending;
  EXPECT_EQ(json::parse(*BindPod(indented.dump(2), "n1", {}, kStart)), Bound(kPending, "n1"));
}

TEST(SchedulerDocumentsTest, SC39_BindingReplacesTheConditionAndTheNomination) {
  json waiting = kPending;
  waiting["status"]["nominatedNodeName"] = "n1";
  waiting["status"]["conditions"] = json::array({{{"type", "PodScheduled"},
                                                  {"status", "False"},
                                                  {"reason", "Unschedulable"},
                                                  {"message", "x"},
                                                  {"observedGeneration", 3}}});
  EXPECT_EQ(BindPod(waiting.dump(), "n1", {}, kStart), Bound(kPending, "n1").dump());
}

TEST(SchedulerDocumentsTest, CM12_BindingCopiesTheNodesTopologyLabels) {
  const auto bound = BindPod(
      kPending.dump(), "n1",
      {{"topology.kubernetes.io/region", "r"}, {"topology.kubernetes.io/zone", "z"}}, kStart);
  ASSERT_TRUE(bound);
  json expected = Bound(kPending, "n1");
  expected["metadata"]["labels"]["topology.kubernetes.io/region"] = "r";
  expected["metadata"]["labels"]["topology.kubernetes.io/zone"] = "z";
  EXPECT_EQ(json::parse(*bound), expected);

  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddPod("a");
  EXPECT_EQ(world.Get("pod", "a")["metadata"]["labels"],
            json({{"topology.kubernetes.io/zone", "za"}}));
}

TEST(SchedulerDocumentsTest, SC31_SC33_WhatIsNotToBeBoundIsLeftAlone) {
  json bound = Bound(kPending, "n1");
  json gated = kPending;
  gated["spec"]["schedulingGates"] = json::array({{{"name", "x/y"}}});
  json deleting = kPending;
  deleting["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  json failed = kPending;
  failed["status"]["phase"] = "Failed";
  for (const json& pod : {bound, gated, deleting, failed, json(), json::array(), json(3)}) {
    EXPECT_FALSE(BindPod(pod.dump(), "n2", {}, kStart)) << pod;
  }
  for (const json& pod : {bound, deleting, failed, json()}) {
    EXPECT_FALSE(MarkUnschedulable(pod.dump(), "m", std::nullopt, kStart)) << pod;
  }
  EXPECT_FALSE(BindPod("{\"metadata\":", "n2", {}, kStart));
  EXPECT_FALSE(MarkPreempted(deleting.dump(), kStart));
}

TEST(SchedulerDocumentsTest, SC53_AConditionIsWrittenOnlyWhenItsMessageChanges) {
  const auto first = MarkUnschedulable(kPending.dump(), "m1", std::nullopt, kStart);
  ASSERT_TRUE(first);
  EXPECT_EQ(json::parse(*first)["status"]["conditions"],
            json::array({{{"type", "PodScheduled"},
                          {"status", "False"},
                          {"reason", "Unschedulable"},
                          {"message", "m1"},
                          {"observedGeneration", 3},
                          {"lastProbeTime", nullptr},
                          {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}));
  EXPECT_FALSE(MarkUnschedulable(*first, "m1", "", kStart + 5 * kNanosPerSecond));
  const auto second = MarkUnschedulable(*first, "m2", "n1", kStart + 5 * kNanosPerSecond);
  ASSERT_TRUE(second);
  const json status = json::parse(*second)["status"];
  EXPECT_EQ(status["conditions"][0]["message"], "m2");
  EXPECT_EQ(status["conditions"][0]["lastTransitionTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(status["nominatedNodeName"], "n1");
  EXPECT_FALSE(MarkUnschedulable(*second, "m2", std::nullopt, kStart));
  const auto third = MarkUnschedulable(*second, "m2", "", kStart);
  ASSERT_TRUE(third);
  EXPECT_FALSE(json::parse(*third)["status"].contains("nominatedNodeName"));
}

TEST(SchedulerDocumentsTest, SC39_AVictimIsMarkedOnce) {
  const auto marked = MarkPreempted(Bound(kPending, "n1").dump(), kStart);
  ASSERT_TRUE(marked);
  EXPECT_EQ(json::parse(*marked)["status"]["conditions"].size(), 2U);
  EXPECT_FALSE(MarkPreempted(*marked, kStart + kNanosPerSecond));
}

TEST(SchedulerDocumentsTest, SC39_EventsCarryTheirWords) {
  const SchedulerEvent scheduled = ScheduledEvent("ns/a", "n1");
  EXPECT_EQ(scheduled.type + scheduled.reason + scheduled.action, "NormalScheduledBinding");
  EXPECT_EQ(scheduled.note, "Successfully assigned ns/a to n1");
  const SchedulerEvent preempted = PreemptedEvent("u", "n1");
  EXPECT_EQ(preempted.type + preempted.reason + preempted.action, "NormalPreemptedPreempting");
  EXPECT_EQ(preempted.note, "Preempted by pod u on node n1");
  const SchedulerEvent failed = FailedSchedulingEvent(std::string(1024, 'x'));
  EXPECT_EQ(failed.type + failed.reason + failed.action, "WarningFailedSchedulingScheduling");
  EXPECT_EQ(failed.note, std::string(1024, 'x'));
  EXPECT_EQ(FailedSchedulingEvent(std::string(1025, 'x')).note, std::string(1020, 'x') + " ...");
}

TEST(SchedulerScanTest, OnlyWhatSchedulingReadsMakesAShape) {
  PodScan a, b;
  json pod = kPending;
  pod["spec"]["containers"][0]["resources"] = {{"requests", {{"cpu", "1"}}}};
  pod["status"]["startTime"] = "2026-01-01T00:00:00Z";
  pod["status"]["nominatedNodeName"] = "n1";
  ScanPod(pod.dump(), a);
  EXPECT_EQ(a.start_time, "2026-01-01T00:00:00Z");
  EXPECT_EQ(a.nominated_node_name, "n1");
  EXPECT_EQ(json::parse(a.shape_text),
            json({{"containers", json::array({{{"resources", {{"requests", {{"cpu", "1"}}}}}}})}}));
  pod["spec"]["hostname"] = "other";
  pod["spec"]["nodeName"] = "n1";
  pod["spec"]["containers"][0]["args"] = {"]]}}", "\\\""};
  pod["metadata"]["name"] = "other";
  ScanPod(pod.dump(3), b);
  PodShapes shapes;
  EXPECT_EQ(json::parse(a.shape_text), json::parse(b.shape_text));
  ScanPod(pod.dump(), b);
  EXPECT_EQ(shapes.Intern(a.shape_text), shapes.Intern(b.shape_text));
  ScanPod("{", a);
  ScanPod("[1", a);
  EXPECT_EQ(a.shape_text, "{}");
}

}  // namespace
}  // namespace kless::controllers::scheduler
