// Whole runs in virtual time: exact times, causes that sum up, and the same bytes for any number of
// processes.
#include "emulator/experiment/run/run.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"
#include "emulator/experiment/input/input_file.h"
#include "emulator/experiment/run/experiment.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

json ParseYaml(const std::string& text) { return ParseValue(text).value(); }

RunSpec Spec(const std::string& yaml) {
  auto spec = MakeRunSpec(ParseYaml(yaml), ".");
  EXPECT_TRUE(spec.has_value()) << spec.error().message;
  return std::move(spec.value());
}

RunResult MustRun(const RunSpec& spec, std::uint64_t seed = 1) {
  auto result = experiment::Run(spec, seed, {});
  EXPECT_TRUE(result.has_value()) << (result.has_error() ? result.error().message : "");
  return std::move(result.value());
}

std::int64_t Sum(const PodTiming& pod) {
  std::int64_t sum = 0;
  for (const std::int64_t part : pod.causes) sum += part;
  return sum;
}

std::int64_t PartOf(const PodTiming& pod, Cause cause) {
  return pod.causes[static_cast<std::size_t>(cause)];
}

constexpr std::int64_t kMillisecond = 1'000'000;

TEST(RunTest, AColdStartTakesInitFirstRequestAndTheWritesUpToThePod) {
  // Two reads, a promise, the pod: get, get, query, put, put.
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 1}
start: cold
profile: {store_read: 3, store_write: 5, first_request_cpu: 10, feed_delivery: 200}
functions: {job-controller: {memory_mb: 1769, init: 450}}
)"));
  ASSERT_EQ(run.pods.size(), 1u);
  const PodTiming& pod = run.pods[0];
  EXPECT_EQ(run.problem, "");
  EXPECT_EQ(PartOf(pod, Cause::kFeed), 200 * kMillisecond);
  EXPECT_EQ(PartOf(pod, Cause::kInit), 450 * kMillisecond);
  EXPECT_EQ(PartOf(pod, Cause::kFirstRequest), 10 * kMillisecond);
  EXPECT_EQ(PartOf(pod, Cause::kStore), (3 * 3 + 2 * 5) * kMillisecond);
  EXPECT_EQ(pod.created, (200 + 450 + 10 + 19) * kMillisecond);
  EXPECT_EQ(pod.start, "cold");
  ASSERT_EQ(run.startup.size(), 1u);
  EXPECT_EQ(run.startup[0].duration, 450 * kMillisecond);
}

TEST(RunTest, TheLastSampleOfTheFeedStandsAtTheEndWithNothingWaiting) {
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 20}
start: warm
profile: {store_read: 3, store_write: 5, feed_delivery: 200}
functions: {account_concurrency: 2, job-controller: {mapping: {parallelization_factor: 10}}}
)"));
  ASSERT_GT(run.feed.size(), 2u);
  EXPECT_EQ(run.feed.back().at, run.end);
  EXPECT_EQ(run.feed.back().queued, 0u);
  EXPECT_EQ(run.feed.back().iterator_age, 0);
  std::uint64_t most = 0;
  for (const FeedSample& sample : run.feed) most = std::max(most, sample.queued);
  EXPECT_GE(most, 10u);
  EXPECT_LE(most, 40u) << "no more than the Jobs and the writes that follow from them";
}

TEST(RunTest, AWarmStartHasNeitherInitNorFirstRequestAndCountsNoWarmUp) {
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 1}
start: warm
profile: {store_read: 3, store_write: 5, first_request_cpu: 10, feed_delivery: 200}
functions: {job-controller: {memory_mb: 1769, init: 450}}
)"));
  ASSERT_EQ(run.pods.size(), 1u);
  EXPECT_EQ(run.pods[0].created, (200 + 19) * kMillisecond);
  EXPECT_EQ(run.pods[0].start, "warm");
  EXPECT_EQ(run.jobs.size(), 1u);
  EXPECT_TRUE(run.startup.empty());
}

TEST(RunTest, MoreMemoryScalesTheCpuBoundPartsByTheCpuShare) {
  const std::string yaml = R"(
workload: {jobs: 1}
start: warm
profile: {store_request_cpu: 1}
functions: {job-controller: {memory_mb: )";
  const auto at = [&](const std::string& mb) {
    return PartOf(MustRun(Spec(yaml + mb + "}}\n")).pods[0], Cause::kCompute);
  };
  EXPECT_EQ(at("1769"), 5 * kMillisecond);
  EXPECT_NEAR(static_cast<double>(at("128")), 5.0 * kMillisecond * 1769 / 128, 10);
  EXPECT_EQ(at("10240"), 5 * kMillisecond) << "a handler runs on one thread";
}

TEST(RunTest, TheCausesOfEveryPodSumToItsLatencyOnBothControlPlanes) {
  for (const std::string plane : {"serverless", "classic"}) {
    for (const std::string start : {"cold", "warm"}) {
      const RunResult run =
          MustRun(Spec("latency: thesis-2024\ncontrol_plane: " + plane + "\nstart: " + start + R"(
workload: {jobs: 12, pods: 7, arrival: {process: poisson, rate_per_s: 20}}
submitter: {kind: kubectl, concurrency: 3}
functions: {account_concurrency: 3, job-controller: {runtime: kubeless}}
)"));
      EXPECT_EQ(run.problem, "") << plane << " " << start;
      ASSERT_EQ(run.pods.size(), 84u);
      for (const PodTiming& pod : run.pods) {
        const JobTiming& job = run.jobs[static_cast<std::size_t>(pod.job)];
        EXPECT_EQ(Sum(pod), pod.created - job.due) << plane << " " << start << " " << pod.name;
        for (const std::int64_t part : pod.causes) EXPECT_GE(part, 0);
        EXPECT_EQ(PartOf(pod, Cause::kOther), 0) << plane << " " << start << " " << pod.name;
      }
    }
  }
}

TEST(RunTest, ASerialSubmitterBoundsTheEndWhateverTheConsumerCanDo) {
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 20}
start: warm
submitter: {kind: http, concurrency: 1, rtt: 50}
)"));
  EXPECT_EQ(run.jobs[19].begun, 19 * 50 * kMillisecond);
  EXPECT_EQ(run.jobs[19].written, (19 * 50 + 25) * kMillisecond);
  EXPECT_EQ(run.jobs[19].answered, 20 * 50 * kMillisecond);
}

TEST(RunTest, InvocationsOfATraceAllLeaveARowRefusedOnesToo) {
  const RunResult run = MustRun(Spec(R"(
workload: {synthetic: {functions: 20, minutes: 5, invocations: 2000, as: invocations}}
start: cold
functions: {account_concurrency: 5}
)"));
  EXPECT_EQ(run.invocations.size(), 2000u);
  EXPECT_EQ(run.counts.at("invocations_submitted"), 2000u);
  std::size_t refused = 0;
  for (const InvocationTiming& row : run.invocations) {
    if (row.outcome == "throttled") {
      ++refused;
    } else {
      EXPECT_EQ(row.run, row.ideal);
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(run.throttles.size(), refused);
}

TEST(RunTest, AJobThatCannotGetItsPodsIsTheRunsProblem) {
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 2}
start: cold
limit: 10s
functions: {job-controller: {reserved_concurrency: 0}}
)"));
  EXPECT_EQ(
      run.problem,
      "2 of 2 jobs do not have exactly their pods after 10s: default/job-00001 has 0 of 1 "
      "pods (its controller made none); default/job-00002 has 0 of 1 pods (its controller made "
      "none); job-controller failed: function 'job-controller' is throttled: "
      "ReservedFunctionConcurrentInvocationLimitExceeded");
}

// A request of a recorded session.
RecordedRequest Recorded(std::uint64_t id, Duration at, const std::string& method,
                         const std::string& path, const std::string& body = "") {
  RecordedRequest recorded;
  recorded.id = id;
  recorded.at = at;
  recorded.request.method = method;
  recorded.request.path = path;
  recorded.request.headers["content-type"] = "application/json";
  recorded.request.body = body;
  return recorded;
}

// A replay of Jobs of one pod on a plane whose first environment takes two seconds.
class ReplayRunTest : public ::testing::Test {
 protected:
  static constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";

  void Create(Duration at, const std::string& name) {
    const json job = {
        {"apiVersion", "batch/v1"},
        {"kind", "Job"},
        {"metadata", {{"name", name}}},
        {"spec",
         {{"template",
           {{"spec",
             {{"restartPolicy", "Never"}, {"containers", {{{"name", "c"}, {"image", "i"}}}}}}}}}}};
    Add(at, "POST", kJobs, job.dump());
  }
  void Add(Duration at, const std::string& method, const std::string& path,
           const std::string& body = "") {
    const std::uint64_t id = recording_.requests.size() + 1;
    recording_.requests.push_back(Recorded(id, at, method, path, body));
    // At once: without this the Job would stay until its pods are released.
    if (method == "DELETE") {
      recording_.requests.back().request.query["propagationPolicy"] = "Background";
    }
    if (method == "PATCH") {
      recording_.requests.back().request.headers["content-type"] = "application/merge-patch+json";
    }
  }
  RunResult Replay(const std::string& more = "") {
    RunSpec spec = Spec(R"(
workload: {jobs: 1}
start: cold
limit: 1h
functions: {job-controller: {init: 2000}}
)" + more);
    spec.workload.clear();
    spec.recording = std::make_shared<const Recording>(recording_);
    return MustRun(spec);
  }

  Recording recording_;
};

TEST_F(ReplayRunTest, AJobThatWasDeletedBeforeASlowerPlaneGotToItIsNoProblem) {
  using std::chrono::milliseconds;
  Create(milliseconds(0), "gone");
  Create(milliseconds(0), "stays");
  Add(milliseconds(500), "DELETE", std::string(kJobs) + "/gone");
  const RunResult run = Replay();
  EXPECT_EQ(run.problem, "");
  EXPECT_EQ(run.counts.at("jobs_deleted_early"), 1u);
  ASSERT_EQ(run.jobs.size(), 2u);
  EXPECT_EQ(run.jobs[0].pods_wanted, 0);
  EXPECT_EQ(run.jobs[1].pods, 1);
}

TEST_F(ReplayRunTest, AJobThatIsCreatedAgainUnderItsNameIsAnotherOne) {
  using std::chrono::milliseconds;
  Create(milliseconds(0), "twice");
  Add(milliseconds(500), "DELETE", std::string(kJobs) + "/twice");
  Create(milliseconds(1000), "twice");
  const RunResult run = Replay();
  EXPECT_EQ(run.problem, "");
  ASSERT_EQ(run.jobs.size(), 2u);
  EXPECT_EQ(run.jobs[0].pods, 0);
  EXPECT_EQ(run.jobs[1].pods, 1);
}

TEST_F(ReplayRunTest, AJobThatWasSuspendedOrMadeSmallerIsNoProblem) {
  using std::chrono::milliseconds;
  Create(milliseconds(0), "suspended");
  Add(milliseconds(500), "PATCH", std::string(kJobs) + "/suspended",
      R"({"spec": {"suspend": true}})");
  EXPECT_EQ(Replay().problem, "");
}

TEST_F(ReplayRunTest, AJobThatLacksPodsIsNamedWithTheReason) {
  Create(std::chrono::milliseconds(0), "stuck");
  RunSpec spec = Spec(R"(
workload: {jobs: 1}
start: cold
limit: 10s
functions: {job-controller: {reserved_concurrency: 0}}
)");
  spec.workload.clear();
  spec.recording = std::make_shared<const Recording>(recording_);
  EXPECT_EQ(MustRun(spec).problem,
            "1 of 1 jobs does not have exactly its pods after 10s: default/stuck has 0 of 1 pods "
            "(its controller made none); job-controller failed: function 'job-controller' is "
            "throttled: ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST(RunTest, PodsThatEndAreCountedAndTimed) {
  const RunResult run = MustRun(Spec(R"(
workload: {jobs: 3, pods: 2}
start: cold
loops: [job, scheduler]
data_plane: {nodes: 1, run_time: 30s}
)"));
  EXPECT_EQ(run.problem, "");
  EXPECT_EQ(run.counts.at("pods_succeeded"), 6u);
  EXPECT_GE(run.last_pod_end, 30'000 * kMillisecond);
}

TEST(RunTest, EqualSeedsGiveEqualFactsAndAnEqualDatabaseOthersDiffer) {
  const auto folder = std::move(ScratchFolder::Make().value());
  const RunSpec spec = Spec(R"(
latency: thesis-2024
workload: {jobs: 10, pods: 3, arrival: {process: poisson, rate_per_s: 5}}
functions: {job-controller: {runtime: kubeless}}
)");
  const auto run = [&](std::uint64_t seed, const std::string& name) {
    RunOptions options;
    options.database = folder->path() + "/" + name;
    auto result = experiment::Run(spec, seed, options);
    EXPECT_TRUE(result.has_value());
    return DumpJson(RunResultToJson(result.value()));
  };
  const std::string one = run(1, "one.db"), again = run(1, "again.db"), other = run(2, "other.db");
  EXPECT_EQ(one, again);
  EXPECT_NE(one, other);
  const auto bytes = [&](const std::string& name) {
    return ReadFile(folder->path() + "/" + name).value();
  };
  EXPECT_EQ(bytes("one.db"), bytes("again.db"));
  EXPECT_NE(bytes("one.db"), bytes("other.db"));
}

TEST(RunTest, ARunGoesOnFromASnapshotOfAnother) {
  const auto folder = std::move(ScratchFolder::Make().value());
  RunSpec spec = Spec(R"(
latency: thesis-2024
workload: {jobs: 10, pods: 2}
start: cold
snapshot_at: 2s
functions: {job-controller: {runtime: kubeless}}
)");
  RunOptions options;
  options.snapshot = folder->path() + "/at-2s.db";
  ASSERT_TRUE(experiment::Run(spec, 1, options).has_value());
  RunSpec next = Spec("workload: {jobs: 1}\nstart: warm\nfrom: " + options.snapshot + "\n");
  options = {};
  options.database = folder->path() + "/end.db";
  const auto result = experiment::Run(next, 5, options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result.value().problem, "");
  ASSERT_EQ(result.value().jobs.size(), 1u);
  EXPECT_EQ(result.value().jobs[0].name, "job-b2-00001") << "the snapshot's names are taken";
  EXPECT_EQ(result.value().pods.size(), 1u);
}

TEST(ExperimentTest, TheNumberOfProcessesChangesNothing) {
  const auto folder = std::move(ScratchFolder::Make().value());
  const std::string path = folder->path() + "/s.yaml";
  ASSERT_TRUE(WriteFile(path, R"(
latency: thesis-2024
seeds: 3
start: [cold, warm]
workload: {jobs: 5, pods: 4}
functions: {job-controller: {runtime: kubeless}}
)")
                  .has_value());
  const auto scenario = LoadScenario(path, {});
  ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
  const auto all = [&](int processes) {
    ExperimentOptions options;
    options.processes = processes;
    const auto result = RunExperiment(scenario.value(), options);
    EXPECT_TRUE(result.has_value());
    std::string text;
    for (const CaseResult& each : result.value().cases) {
      for (const RunResult& run : each.runs) text += DumpJson(RunResultToJson(run)) + "\n";
    }
    return text;
  };
  const std::string one = all(1);
  EXPECT_EQ(one, all(3));
}

}  // namespace
}  // namespace kless::experiment
