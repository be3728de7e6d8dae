// The invariants at the end, each with records that violate it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/harness/records.h"

namespace kless::harness {
namespace {

using nlohmann::json;

json OnNode(const std::string& phase = "Running") {
  return {{"spec", {{"nodeName", "n"}}}, {"status", {{"phase", phase}}}};
}

Records WithNode(const std::string& cpu = "4") {
  Records records;
  records.Put({"node", "n"},
              {{"kind", "Node"},
               {"metadata", {{"name", "n"}, {"uid", "node"}}},
               {"status", {{"allocatable", {{"cpu", cpu}, {"memory", "1Gi"}, {"pods", "9"}}}}}});
  return records;
}

TEST(EndTest, APodGoesWithItsJobUnlessItWasOrphaned) {
  for (const bool orphaned : {false, true}) {
    Records records = WithNode();
    records.Job({{"parallelism", 1}});
    records.Pod("x", OnNode());
    records.Remove({"job", "default/a"});
    if (orphaned) records.ChangePod("x", {{"metadata", {{"ownerReferences", nullptr}}}});
    records.AtEnd();
    EXPECT_EQ(records.Invariant(), orphaned ? "" : "pod-without-owner");
  }
}

TEST(EndTest, APodThatEndedIsNotHeld) {
  Records records = WithNode();
  records.Job({{"parallelism", 1}});
  records.Pod("x", OnNode("Succeeded"));
  records.AtEnd();
  EXPECT_EQ(records.Invariant(), "finalizer-left");
}

// The finalizer of an index's last failed pod waits for the replacement.
TEST(EndTest, AFailedPodOfAnIndexIsHeldForItsReplacementAndNoLonger) {
  const json job = {{"completionMode", "Indexed"},
                    {"completions", 2},
                    {"parallelism", 0},
                    {"backoffLimitPerIndex", 2}};
  const auto end = [&](const char* phase, int others, const json& status, const json& spec) {
    Records records = WithNode();
    records.Job(spec);
    const json index = {{"annotations", {{"batch.kubernetes.io/job-completion-index", "1"}}}};
    for (int i = 0; i <= others; ++i) {
      const std::string name = "x" + std::to_string(i);
      json pod = OnNode(i == 0 ? phase : "Failed");
      pod["metadata"] = index;
      records.Pod(name, pod);
      records.ChangePod(name, {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}});
    }
    if (!status.is_null()) records.Status(status);
    records.AtEnd();
    return records.Invariant();
  };
  EXPECT_EQ(end("Failed", 0, nullptr, job), "");
  EXPECT_EQ(end("Succeeded", 0, nullptr, job), "stuck-deletion");
  EXPECT_EQ(end("Failed", 1, nullptr, job), "stuck-deletion") << "one is enough";
  EXPECT_EQ(end("Failed", 0, {{"failedIndexes", "1"}}, job), "stuck-deletion");
  EXPECT_EQ(end("Failed", 0, {{"failedIndexes", "0"}}, job), "");
  json plain = job;
  plain.erase("backoffLimitPerIndex");
  EXPECT_EQ(end("Failed", 0, nullptr, plain), "stuck-deletion");
}

TEST(EndTest, WhatIsDeletedIsGoneUnlessItsNodeIsDead) {
  for (const bool dead : {false, true}) {
    Records records = WithNode();
    records.Pod("x", OnNode(), "");
    records.ChangePod("x", {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}});
    records.AtEnd({dead ? std::set<std::string>{"n"} : std::set<std::string>{}});
    EXPECT_EQ(records.Invariant(), dead ? "" : "stuck-deletion");
  }
  Records job;
  job.Job({{"parallelism", 0}});
  job.Change({"job", "default/a"}, {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}});
  job.AtEnd();
  EXPECT_EQ(job.Invariant(), "stuck-deletion");
}

TEST(EndTest, APodThatFitsIsBound) {
  for (const char* cpu : {"500m", "100m"}) {
    Records records = WithNode(cpu);
    records.Pod(
        "x",
        {{"spec",
          {{"containers",
            json::array({{{"name", "main"}, {"resources", {{"requests", {{"cpu", "200m"}}}}}}})}}}},
        "");
    records.AtEnd();
    EXPECT_EQ(records.Invariant(), cpu == std::string("500m") ? "unscheduled-though-it-fits" : "");
  }
}

TEST(EndTest, PodsOfAMissingNodeAreGone) {
  Records records;
  records.Pod("x", OnNode(), "");
  records.AtEnd();
  EXPECT_EQ(records.Invariant(), "pod-of-a-missing-node");
}

TEST(EndTest, IntentsAndTimersGoWithTheirJobs) {
  Records intent;
  intent.Job({{"parallelism", 0}});
  intent.Put({"intent", "default/job-a"}, {{"owner", "job-a"}});
  intent.Put({"timer", "job-controller/default/a"}, {{"memo", "x"}, {"uid", "job-a"}});
  intent.Status({{"ready", 0}});
  intent.AtEnd();
  EXPECT_EQ(intent.Invariant(), "");
  intent.Remove({"job", "default/a"});
  intent.AtEnd();
  EXPECT_EQ(intent.Invariant(), "intent-left");

  Records timer;
  timer.Put({"timer", "job-controller/default/a"}, {{"memo", "x"}, {"uid", "job-a"}});
  timer.AtEnd();
  EXPECT_EQ(timer.Invariant(), "timer-left");
}

TEST(EndTest, AnUnfinishedJobWaitsForSomething) {
  Records still;
  still.Job({{"parallelism", 1}});
  still.AtEnd();
  EXPECT_EQ(still.Invariant(), "job-stands-still");

  Records suspended;
  suspended.Job({{"parallelism", 1}, {"suspend", true}});
  suspended.AtEnd();
  EXPECT_EQ(suspended.Invariant(), "");
}

TEST(EndTest, AnUnfinishedJobHasItsPodsAndSaysSo) {
  const json forever = {{"metadata", {{"annotations", {{"kless.dev/run-time", "forever"}}}}},
                        {"spec", {{"nodeName", "n"}}},
                        {"status", {{"phase", "Running"}}}};
  for (const int active : {1, 2}) {
    Records records = WithNode();
    records.Job({{"parallelism", 2}, {"completions", 9}});
    records.Pod("x", forever);
    records.Pod("y", forever);
    records.Status({{"active", active}});
    records.AtEnd();
    EXPECT_EQ(records.Invariant(), active == 2 ? "" : "status-wrong");
  }
  Records one = WithNode();
  one.Job({{"parallelism", 2}, {"completions", 9}});
  one.Pod("x", forever);
  one.Status({{"active", 1}});
  one.AtEnd();
  EXPECT_EQ(one.Invariant(), "wrong-number-of-pods");
}

}  // namespace
}  // namespace kless::harness
