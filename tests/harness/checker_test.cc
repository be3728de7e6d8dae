// Each invariant has a sequence of records that violates it and, if a similar one is valid, one
// that does not.
#include "tests/harness/checker.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/harness/records.h"

namespace kless::harness {
namespace {

using nlohmann::json;

const ResourceId kJob{"job", "default/a"};

json Phase(const std::string& phase) { return {{"status", {{"phase", phase}}}}; }
json Index(int index) {
  return {
      {"metadata",
       {{"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(index)}}}}}};
}
json Deleting() { return {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}}; }
json Untracked() { return {{"metadata", {{"finalizers", nullptr}}}}; }
json Uncounted(const char* list, const std::vector<std::string>& uids) { return {{list, uids}}; }
json Condition(const std::string& type, const std::string& reason) {
  return {{"type", type}, {"status", "True"}, {"reason", reason}};
}
json Complete(const std::string& reason = "CompletionsReached") {
  return json::array({Condition("SuccessCriteriaMet", reason), Condition("Complete", reason)});
}
json Failed(const std::string& reason) {
  return json::array({Condition("FailureTarget", reason), Condition("Failed", reason)});
}
json NodeObject(const std::string& cpu, const std::string& pods) {
  return {{"kind", "Node"},
          {"metadata", {{"name", "n"}, {"uid", "node"}}},
          {"status", {{"allocatable", {{"cpu", cpu}, {"memory", "1Gi"}, {"pods", pods}}}}}};
}
json Bound(const std::string& cpu) {
  return {{"spec",
           {{"nodeName", "n"},
            {"containers",
             json::array({{{"name", "main"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}})}}}};
}

TEST(CheckerTest, AnOrdinaryLifeViolatesNothing) {
  Records records;
  records.Put({"node", "n"}, NodeObject("1", "10"));
  records.Job({{"parallelism", 1}, {"completions", 2}});
  for (const std::string name : {"x", "y"}) {
    records.Pod(name);
    records.ChangePod(name, {{"spec", {{"nodeName", "n"}}}});
    records.ChangePod(name, Phase("Running"));
    records.ChangePod(name, Phase("Succeeded"));
    const int before = name == "x" ? 0 : 1;
    records.Status({{"succeeded", before},
                    {"uncountedTerminatedPods", Uncounted("succeeded", {"uid-" + name})}});
    records.ChangePod(name, Untracked());
    records.Status({{"succeeded", before + 1}});
  }
  records.Status(
      {{"succeeded", 2}, {"completionTime", "2026-01-01T00:00:09Z"}, {"conditions", Complete()}});
  records.AtEnd();
  EXPECT_EQ(records.Invariant(), "") << records.checker.violation()->sentence;
  EXPECT_NE(records.checker.History(kJob, 3).find("\"completionTime\""), std::string::npos);
}

TEST(CheckerTest, TheFeedHasNoGaps) {
  Records records;
  records.Job({{"parallelism", 1}});
  records.Skip();
  records.Pod("x");
  EXPECT_EQ(records.Invariant(), "feed-order");
}

TEST(CheckerTest, ARecordBeginsWhereTheLastOneEnded) {
  Records records;
  records.Job({{"parallelism", 1}});
  Change change;
  change.sequence = 2;
  change.id = kJob;
  records.checker.OnChange(change);
  EXPECT_EQ(records.Invariant(), "feed-order");
}

TEST(CheckerTest, MetadataIsSane) {
  Records uid;
  uid.Job({{"parallelism", 1}});
  uid.Change(kJob, {{"metadata", {{"uid", "other"}}}});
  EXPECT_EQ(uid.Invariant(), "uid-changed");

  Records generation;
  generation.Job({{"parallelism", 1}});
  generation.Change(kJob, {{"metadata", {{"generation", 2}}}});
  generation.Change(kJob, {{"metadata", {{"generation", 1}}}});
  EXPECT_EQ(generation.Invariant(), "generation-fell");

  Records deletion;
  deletion.Pod("x", Deleting());
  deletion.ChangePod("x", {{"metadata", {{"deletionTimestamp", nullptr}}}});
  EXPECT_EQ(deletion.Invariant(), "deletion-undone");

  Records version;
  Change change;
  change.sequence = 1;
  change.id = {"pod", "default/x"};
  auto item = std::make_shared<Item>();
  item->version = 7;
  change.new_image = item;
  version.checker.OnChange(change);
  EXPECT_EQ(version.Invariant(), "resource-version");
}

TEST(CheckerTest, APodHasOneEndAndOneNode) {
  Records revived;
  revived.Pod("x", Phase("Failed"));
  revived.ChangePod("x", Phase("Running"));
  EXPECT_EQ(revived.Invariant(), "phase-taken-back");

  Records moved;
  moved.Pod("x", {{"spec", {{"nodeName", "n"}}}});
  moved.ChangePod("x", {{"spec", {{"nodeName", "m"}}}});
  EXPECT_EQ(moved.Invariant(), "pod-moved");
}

TEST(CheckerTest, ANodeIsNotOversubscribed) {
  Records cpu;
  cpu.Put({"node", "n"}, NodeObject("1", "10"));
  cpu.Pod("x", Bound("600m"));
  cpu.Pod("y", Bound("400m"));
  EXPECT_EQ(cpu.Invariant(), "");
  cpu.Pod("z", Bound("1m"));
  EXPECT_EQ(cpu.Invariant(), "node-oversubscribed");

  Records pods;
  pods.Put({"node", "n"}, NodeObject("1", "1"));
  pods.Pod("x", {{"spec", {{"nodeName", "n"}}}});
  pods.ChangePod("x", Phase("Succeeded"));
  pods.Pod("y");
  pods.ChangePod("y", {{"spec", {{"nodeName", "n"}}}});
  EXPECT_EQ(pods.Invariant(), "") << "the first one has ended";
  pods.Pod("z", {{"spec", {{"nodeName", "n"}}}});
  EXPECT_EQ(pods.Invariant(), "node-oversubscribed");
}

TEST(CheckerTest, NoJobHasTooManyActivePods) {
  Records records;
  records.Job({{"parallelism", 2}});
  records.Job({{"parallelism", 1}});
  records.Pod("x");
  records.Pod("y");
  EXPECT_EQ(records.Invariant(), "") << "it was 2";
  records.Pod("stray", nullptr, "");
  records.ChangePod(
      "stray",
      {{"metadata",
        {{"ownerReferences",
          json::array(
              {{{"kind", "Job"}, {"name", "a"}, {"uid", "job-a"}, {"controller", true}}})}}}});
  EXPECT_EQ(records.Invariant(), "") << "a pod that was adopted may be one too many";
  records.Pod("z");
  EXPECT_EQ(records.Invariant(), "too-many-active");
}

TEST(CheckerTest, AnIndexHasOneActivePodAndIsNotDoneAgain) {
  Records two;
  two.Job({{"parallelism", 5}, {"completions", 5}, {"completionMode", "Indexed"}});
  two.Pod("x", Index(1));
  two.Pod("y", Index(2));
  EXPECT_EQ(two.Invariant(), "");
  two.Pod("z", Index(1));
  EXPECT_EQ(two.Invariant(), "two-of-an-index");

  for (const char* list : {"completedIndexes", "failedIndexes"}) {
    Records again;
    again.Job({{"parallelism", 5}, {"completions", 5}, {"completionMode", "Indexed"}});
    const int succeeded = list == std::string("completedIndexes") ? 3 : 0;
    again.Status({{list, "1-3"}, {"succeeded", succeeded}});
    again.Pod("x", Index(4));
    EXPECT_EQ(again.Invariant(), "");
    again.Pod("y", Index(2));
    EXPECT_EQ(again.Invariant(), "index-again");
  }
}

TEST(CheckerTest, NoMorePodsThanCompletions) {
  Records records;
  records.Job({{"parallelism", 2}, {"completions", 2}});
  records.Pod("x");
  records.ChangePod("x", Phase("Succeeded"));
  records.Pod("y");
  EXPECT_EQ(records.Invariant(), "");
  records.ChangePod("y", Phase("Failed"));
  records.Pod("z");
  EXPECT_EQ(records.Invariant(), "");
  records.Pod("w");
  EXPECT_EQ(records.Invariant(), "too-many-pods");
}

TEST(CheckerTest, D11_AReplacementWaitsForTheEndWherePolicySaysSo) {
  for (const bool failed_only : {false, true}) {
    Records records;
    records.Job({{"parallelism", 1},
                 {"podReplacementPolicy", failed_only ? "Failed" : "TerminatingOrFailed"}});
    records.Pod("x");
    records.ChangePod("x", Deleting());
    records.Pod("y");
    EXPECT_EQ(records.Invariant(), failed_only ? "replaced-too-early" : "");
  }
}

TEST(CheckerTest, AFinishedJobGetsNoPods) {
  Records records;
  records.Job({{"parallelism", 1}, {"completions", 0}});
  records.Status({{"completionTime", "2026-01-01T00:00:09Z"}, {"conditions", Complete()}});
  EXPECT_EQ(records.Invariant(), "");
  records.Pod("x");
  EXPECT_EQ(records.Invariant(), "created-for-a-finished-job");
}

TEST(CheckerTest, APodThatEndedIsCountedBeforeItIsLetGo) {
  Records counted;
  counted.Job({{"parallelism", 1}});
  counted.Pod("x");
  counted.ChangePod("x", Phase("Failed"));
  counted.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  counted.ChangePod("x", Untracked());
  EXPECT_EQ(counted.Invariant(), "");

  Records lost;
  lost.Job({{"parallelism", 1}});
  lost.Pod("x");
  lost.ChangePod("x", Phase("Failed"));
  lost.ChangePod("x", Untracked());
  EXPECT_EQ(lost.Invariant(), "ended-uncounted");
}

TEST(CheckerTest, D16_CountersDoNotFall) {
  Records records;
  records.Job({{"parallelism", 1}});
  records.Pod("x");
  records.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  records.Status({{"failed", 1}});
  EXPECT_EQ(records.Invariant(), "");
  records.Status({{"failed", 0}});
  EXPECT_EQ(records.Invariant(), "counter-fell");
}

TEST(CheckerTest, D2_APodIsCountedOnce) {
  Records again;
  again.Job({{"parallelism", 1}});
  again.Pod("x");
  again.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  again.Status({{"failed", 1}});
  again.Status({{"failed", 1}, {"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  EXPECT_EQ(again.Invariant(), "counted-twice");

  Records both;
  both.Job({{"parallelism", 1}});
  both.Pod("x");
  both.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  both.Status({{"failed", 1}, {"uncountedTerminatedPods", Uncounted("succeeded", {"uid-x"})}});
  EXPECT_EQ(both.Invariant(), "counted-twice");

  Records stranger;
  stranger.Job({{"parallelism", 1}});
  stranger.Pod("x", nullptr, "job-b");
  stranger.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  EXPECT_EQ(stranger.Invariant(), "counted-a-stranger");

  Records thin_air;
  thin_air.Job({{"parallelism", 1}});
  thin_air.Status({{"succeeded", 1}});
  EXPECT_EQ(thin_air.Invariant(), "miscounted");

  Records forgotten;
  forgotten.Job({{"parallelism", 1}});
  forgotten.Pod("x");
  forgotten.Status({{"uncountedTerminatedPods", Uncounted("failed", {"uid-x"})}});
  forgotten.Status({{"ready", 0}});
  EXPECT_EQ(forgotten.Invariant(), "miscounted");
}

TEST(CheckerTest, D3_SucceededIsTheNumberOfCompletedIndexes) {
  Records records;
  records.Job({{"parallelism", 5}, {"completions", 5}, {"completionMode", "Indexed"}});
  records.Status({{"completedIndexes", "0,2-3"}, {"succeeded", 3}});
  EXPECT_EQ(records.Invariant(), "");
  records.Status({{"completedIndexes", "0,2-4"}, {"succeeded", 3}});
  EXPECT_EQ(records.Invariant(), "miscounted");

  Records both;
  both.Job({{"parallelism", 5}, {"completions", 5}, {"completionMode", "Indexed"}});
  both.Status({{"completedIndexes", "0-1"}, {"failedIndexes", "1"}, {"succeeded", 2}});
  EXPECT_EQ(both.Invariant(), "index-both-ways");
}

TEST(CheckerTest, ConditionsStayAndComeInOrder) {
  Records back;
  back.Job({{"parallelism", 1}});
  back.Status({{"conditions", json::array({Condition("FailureTarget", "DeadlineExceeded")})}});
  back.Status({{"conditions", json::array()}});
  EXPECT_EQ(back.Invariant(), "condition-taken-back");

  Records both;
  both.Job({{"parallelism", 1}});
  json conditions = Complete();
  conditions.push_back(Condition("Failed", "DeadlineExceeded"));
  both.Status({{"conditions", conditions}});
  EXPECT_EQ(both.Invariant(), "both-terminal");

  Records alone;
  alone.Job({{"parallelism", 1}});
  alone.Status({{"conditions", json::array({Condition("Complete", "CompletionsReached")})}});
  EXPECT_EQ(alone.Invariant(), "terminal-without-target");
}

TEST(CheckerTest, D9_ATerminalStatusStays) {
  Records records;
  records.Job({{"parallelism", 1}, {"completions", 0}});
  const json status = {{"completionTime", "2026-01-01T00:00:09Z"}, {"conditions", Complete()}};
  records.Status(status);
  records.Job({{"parallelism", 3}});
  EXPECT_EQ(records.Invariant(), "");
  json later = status;
  later["completionTime"] = "2026-01-01T00:00:10Z";
  records.Status(later);
  EXPECT_EQ(records.Invariant(), "terminal-status-changed");
}

std::string Finish(const json& spec, const json& status, bool with_pod = false) {
  Records records;
  records.Job(spec);
  if (with_pod) records.Pod("x");
  records.Status(status);
  return records.Invariant();
}

TEST(CheckerTest, ACompleteJobHasItsCompletions) {
  const json done = {{"completionTime", "2026-01-01T00:00:09Z"}, {"conditions", Complete()}};
  EXPECT_EQ(Finish({{"completions", 0}}, done), "");
  EXPECT_EQ(Finish({{"completions", 1}}, done), "complete-without-cause");
  EXPECT_EQ(Finish({{"parallelism", 1}}, done), "complete-without-cause");
  EXPECT_EQ(Finish({{"completions", 0}}, {{"conditions", Complete()}}), "complete-without-cause");

  const json policy = {
      {"rules", json::array({{{"succeededIndexes", "0-2"}, {"succeededCount", 2}}})}};
  const json spec = {{"completions", 9}, {"completionMode", "Indexed"}, {"successPolicy", policy}};
  json met = {{"completionTime", "2026-01-01T00:00:09Z"},
              {"conditions", Complete("SuccessPolicy")},
              {"completedIndexes", "0,2"},
              {"succeeded", 2}};
  EXPECT_EQ(Finish(spec, met), "");
  met["completedIndexes"] = "0,5";
  EXPECT_EQ(Finish(spec, met), "complete-without-cause");
}

TEST(CheckerTest, AFinishedJobIsTidy) {
  json done = {{"completionTime", "2026-01-01T00:00:09Z"}, {"conditions", Complete()}};
  json indexed = done;
  indexed["completedIndexes"] = "0";
  indexed["succeeded"] = 1;
  const json spec = {{"completions", 1}, {"completionMode", "Indexed"}};
  EXPECT_EQ(Finish(spec, indexed), "");
  EXPECT_EQ(Finish(spec, indexed, true), "finished-untidy");
  for (const char* field : {"active", "terminating", "ready"}) {
    json status = done;
    status[field] = 1;
    EXPECT_EQ(Finish({{"completions", 0}}, status), "finished-untidy") << field;
  }
  done["uncountedTerminatedPods"] = Uncounted("failed", {"uid-x"});
  Records records;
  records.Job({{"completions", 0}});
  records.Pod("x", Phase("Failed"));
  records.Status(done);
  EXPECT_EQ(records.Invariant(), "finished-untidy");
}

TEST(CheckerTest, AFailedJobHasAReason) {
  const auto failed = [](const std::string& reason, json more = json::object()) {
    more["conditions"] = Failed(reason);
    return more;
  };
  const json never = {{"spec", {{"restartPolicy", "Never"}}}};
  EXPECT_EQ(Finish({{"backoffLimit", 0}, {"template", never}}, failed("BackoffLimitExceeded")),
            "failed-without-cause");
  EXPECT_EQ(Finish({{"parallelism", 1}}, failed("DeadlineExceeded")), "failed-without-cause");
  const json started = {{"startTime", "2026-01-01T00:00:01Z"}};
  EXPECT_EQ(Finish({{"activeDeadlineSeconds", 1}}, failed("DeadlineExceeded", started)), "");
  EXPECT_EQ(Finish({{"activeDeadlineSeconds", 2}}, failed("DeadlineExceeded", started)),
            "failed-without-cause");
  EXPECT_EQ(Finish({{"parallelism", 1}}, failed("PodFailurePolicy")), "failed-without-cause");
  EXPECT_EQ(Finish({{"parallelism", 1}}, failed("BadLuck")), "failed-without-cause");
  EXPECT_EQ(Finish({{"activeDeadlineSeconds", 1}},
                   failed("DeadlineExceeded", {{"startTime", "2026-01-01T00:00:01Z"},
                                               {"completionTime", "2026-01-01T00:00:02Z"}})),
            "failed-without-cause");

  const json indexed = {{"completions", 3}, {"completionMode", "Indexed"}, {"maxFailedIndexes", 1}};
  EXPECT_EQ(Finish(indexed, failed("FailedIndexes")), "failed-without-cause");
  EXPECT_EQ(Finish(indexed, failed("FailedIndexes", {{"failedIndexes", "0-2"}})), "");
  EXPECT_EQ(Finish(indexed, failed("FailedIndexes", {{"failedIndexes", "0-1"}})),
            "failed-without-cause");
  EXPECT_EQ(Finish(indexed, failed("MaxFailedIndexesExceeded", {{"failedIndexes", "0"}})),
            "failed-without-cause");
  EXPECT_EQ(Finish(indexed, failed("MaxFailedIndexesExceeded", {{"failedIndexes", "0-1"}})), "");
}

}  // namespace
}  // namespace kless::harness
