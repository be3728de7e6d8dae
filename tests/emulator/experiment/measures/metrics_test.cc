// Each expected number is calculated by hand next to it.
#include "emulator/experiment/measures/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/emulator/experiment/example_result.h"

namespace kless::experiment {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kMilli = 1'000'000;

JobTiming Job(std::int64_t due_ms, std::int64_t begun_ms, std::int64_t written_ms, int wanted,
              int pods) {
  JobTiming job;
  job.due = due_ms * kMilli;
  job.begun = begun_ms * kMilli;
  job.written = written_ms * kMilli;
  job.pods_wanted = wanted;
  job.pods = pods;
  return job;
}

struct TimelinePart {
  Cause cause;
  std::int64_t ms;
};

PodTiming Pod(int job, std::int64_t created_ms, const char* start,
              const std::vector<TimelinePart>& parts = {}) {
  PodTiming pod;
  pod.job = job;
  pod.created = created_ms * kMilli;
  pod.start = start;
  for (const TimelinePart& part : parts) {
    pod.causes[static_cast<std::size_t>(part.cause)] = part.ms * kMilli;
  }
  return pod;
}

InvocationTiming Invocation(const char* start, const char* outcome, std::int64_t requested_ms,
                            std::int64_t queued_ms, std::int64_t init_ms, std::int64_t run_ms,
                            std::int64_t ideal_ms) {
  InvocationTiming row;
  row.start = start;
  row.outcome = outcome;
  row.requested = requested_ms * kMilli;
  row.queued = queued_ms * kMilli;
  row.init = init_ms * kMilli;
  row.run = run_ms * kMilli;
  row.billed = (init_ms + run_ms) * kMilli;
  row.memory_mb = 128;
  row.ideal = ideal_ms < 0 ? -1 : ideal_ms * kMilli;
  return row;
}

EnvironmentSample Environments(std::int64_t at_ms, int initializing, int busy, int idle) {
  return {at_ms * kMilli, initializing, busy, idle};
}

// Two Jobs, three of their four pods, one environment.
RunResult Serverless() {
  RunResult run;
  run.jobs = {Job(0, 0, 10, 2, 2), Job(100, 120, 140, 2, 1)};
  run.pods = {
      Pod(0, 460, "cold", {{Cause::kSubmit, 10}, {Cause::kInit, 450}}),
      Pod(0, 470, "cold", {{Cause::kSubmit, 10}, {Cause::kInit, 450}, {Cause::kBatch, 10}}),
      Pod(1, 480, "waited", {{Cause::kSubmit, 20}, {Cause::kCommit, 20}, {Cause::kWait, 340}})};
  run.invocations = {Invocation("cold", "ok", 10, 5, 450, 20, -1),
                     Invocation("waited", "partial", 140, 330, 10, 10, 50),
                     Invocation("warm", "error", 500, 1, 0, 9, 5),
                     Invocation("warm", "throttled", 600, 0, 0, 0, 5)};
  run.environments = {Environments(0, 1, 0, 0), Environments(450, 0, 1, 0),
                      Environments(480, 0, 0, 1)};
  run.throttles = {20 * kMilli, 600 * kMilli};
  run.feed = {{0, 0, 0}, {100 * kMilli, 200 * kMilli, 3}, {200 * kMilli, 100 * kMilli, 1}};
  run.startup = {{"init", 450 * kMilli}, {"first_request", 1'500'000}};
  run.end = 1'480 * kMilli;
  run.concurrency_cap = 10;
  run.environment_memory_mb = 128;
  run.counts = {{"user_writes", 2},        {"feed_records", 8},        {"delivered", 6},
                {"filtered", 2},           {"store_reads", 8},         {"store_writes", 40},
                {"item_bytes", 1'048'576}, {"environments_started", 1}};
  return run;
}

std::optional<double> Find(const std::vector<Metric>& metrics, const std::string& name) {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric.value;
  }
  return std::nullopt;
}

class Measured {
 public:
  explicit Measured(const RunResult& run) : metrics_(MeasureRun(run)) {}
  double operator[](const std::string& name) const {
    const auto value = Find(metrics_, name);
    EXPECT_TRUE(value.has_value()) << name;
    return value.value_or(-1e300);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Metric& metric : metrics_) names.push_back(metric.name);
    return names;
  }

 private:
  std::vector<Metric> metrics_;
};

TEST(MeasureRunTest, PodsAreCountedAndTimedFromTheFirstSubmission) {
  const Measured m(Serverless());
  EXPECT_EQ(m["jobs"], 2);
  EXPECT_EQ(m["pods"], 3);
  EXPECT_EQ(m["pods_missing"], 1);  // 2 - 2 + 2 - 1
  EXPECT_DOUBLE_EQ(m["first_pod_s"], 0.46);
  EXPECT_DOUBLE_EQ(m["last_pod_s"], 0.48);
  EXPECT_DOUBLE_EQ(m["pods_per_s"], 6.25);  // 3/0.48
}

TEST(MeasureRunTest, PodLatencyCountsFromWhenTheJobWasDue) {
  const Measured m(Serverless());
  // 460 - 0, 470 - 0, 480 - 100: in order 380, 460, 470; h = 2 q.
  EXPECT_DOUBLE_EQ(m["pod_latency_p50_ms"], 460);
  EXPECT_DOUBLE_EQ(m["pod_latency_p90_ms"], 468);      // 460 + 0.8 x 10
  EXPECT_DOUBLE_EQ(m["pod_latency_p99_ms"], 469.8);    // 460 + 0.98 x 10
  EXPECT_DOUBLE_EQ(m["pod_latency_p999_ms"], 469.98);  // 460 + 0.998 x 10
  EXPECT_DOUBLE_EQ(m["pod_latency_max_ms"], 470);
  EXPECT_EQ(m["pods_cold"], 2);
  EXPECT_DOUBLE_EQ(m["pod_latency_cold_p50_ms"], 465);  // 460 + 0.5 x 10
  EXPECT_DOUBLE_EQ(m["pod_latency_cold_p90_ms"], 469);  // 460 + 0.9 x 10
  EXPECT_DOUBLE_EQ(m["pod_latency_cold_max_ms"], 470);
  EXPECT_EQ(m["pods_waited"], 1);
  EXPECT_DOUBLE_EQ(m["pod_latency_waited_p999_ms"], 380);
  EXPECT_EQ(m["pods_warm"], 0);
  EXPECT_THAT(m.names(), Not(Contains(HasSubstr("pod_latency_warm"))));
}

TEST(MeasureRunTest, CausesAreMeansOverAllPodsAndAddUpToTheMeanLatency) {
  const Measured m(Serverless());
  EXPECT_DOUBLE_EQ(m["cause_submit_mean_ms"], 40.0 / 3);  // (10 + 10 + 20)/3
  EXPECT_DOUBLE_EQ(m["cause_commit_mean_ms"], 20.0 / 3);
  EXPECT_DOUBLE_EQ(m["cause_wait_mean_ms"], 340.0 / 3);
  EXPECT_DOUBLE_EQ(m["cause_init_mean_ms"], 300);  // (450 + 450)/3
  EXPECT_DOUBLE_EQ(m["cause_batch_mean_ms"], 10.0 / 3);
  EXPECT_EQ(m["cause_first_request_mean_ms"], 0);
  double sum = 0;
  for (const std::string& cause : CauseNames()) sum += m["cause_" + cause + "_mean_ms"];
  EXPECT_NEAR(sum, 436.6666666667, 1e-9);  // (460 + 470 + 380)/3
}

TEST(MeasureRunTest, StartupIsTheSumOfItsStages) {
  EXPECT_DOUBLE_EQ(Measured(Serverless())["startup_ms"], 451.5);  // 450 + 1.5
}

TEST(MeasureRunTest, TheFeedIsMeasuredPerWriteOfAUser) {
  const Measured m(Serverless());
  EXPECT_DOUBLE_EQ(m["event_amplification"], 4);  // 8/2
  EXPECT_DOUBLE_EQ(m["filtered_percent"], 25);    // 2/(6 + 2)
  // Ages 0, 100, 200: h = 1.98, 100 + 0.98 x 100.
  EXPECT_DOUBLE_EQ(m["iterator_age_p99_ms"], 198);
  EXPECT_DOUBLE_EQ(m["iterator_age_max_ms"], 200);
  EXPECT_EQ(m["queue_depth_max"], 3);
  EXPECT_EQ(m["store_writes"], 40);
}

TEST(MeasureRunTest, RecordsAreDeliveredAndFilteredOnesIfNotCountedThemselves) {
  RunResult run = Serverless();
  run.counts.erase("feed_records");
  run.counts["filtered"] = 4;
  EXPECT_DOUBLE_EQ(Measured(run)["event_amplification"], 5);  // (6 + 4)/2
}

TEST(MeasureRunTest, InvocationsAreCountedByStartAndOutcome) {
  RunResult run = Serverless();
  run.invocations.push_back(Invocation("warm", "timeout", 700, 0, 0, 9, -1));
  run.invocations.push_back(Invocation("warm", "crash", 700, 0, 0, 9, -1));
  const Measured m(run);
  EXPECT_EQ(m["invocations"], 5);  // the throttled row never ran
  EXPECT_EQ(m["cold_starts"], 1);
  EXPECT_EQ(m["waited_starts"], 1);
  EXPECT_EQ(m["warm_starts"], 3);
  EXPECT_EQ(m["errors"], 3);  // timeout and crash, too
  EXPECT_EQ(m["timeouts"], 1);
  EXPECT_EQ(m["crashes"], 1);
  EXPECT_EQ(m["partial_responses"], 1);
  EXPECT_EQ(m["throttles"], 2);
  EXPECT_EQ(m["invocations_refused"], 1);
}

TEST(MeasureRunTest, InvocationLatencyIsQueuedAndInitAndRun) {
  const Measured m(Serverless());
  // 5 + 450 + 20 = 475, 330 + 10 + 10 = 350, 1 + 0 + 9 = 10; in order 10, 350, 475; h = 2 q.
  EXPECT_DOUBLE_EQ(m["invocation_latency_p50_ms"], 350);
  EXPECT_DOUBLE_EQ(m["invocation_latency_p90_ms"], 450);    // 350 + 0.8 x 125
  EXPECT_DOUBLE_EQ(m["invocation_latency_p99_ms"], 472.5);  // 350 + 0.98 x 125
  EXPECT_DOUBLE_EQ(m["invocation_latency_cold_p50_ms"], 475);
  EXPECT_DOUBLE_EQ(m["invocation_latency_waited_p90_ms"], 350);
  EXPECT_DOUBLE_EQ(m["invocation_latency_warm_p99_ms"], 10);
}

TEST(MeasureRunTest, SlowdownIsLatencyOverTheIdealDuration) {
  const Measured m(Serverless());
  // 10/5 = 2 and 350/50 = 7; h = q.
  EXPECT_DOUBLE_EQ(m["slowdown_p50"], 4.5);
  EXPECT_DOUBLE_EQ(m["slowdown_p90"], 6.5);   // 2 + 0.9 x 5
  EXPECT_DOUBLE_EQ(m["slowdown_p99"], 6.95);  // 2 + 0.99 x 5
}

TEST(MeasureRunTest, EnvironmentsAreMeasuredInGbSecondsByState) {
  const Measured m(Serverless());
  EXPECT_EQ(m["environments_started"], 1);
  EXPECT_EQ(m["environments_peak"], 1);
  // 128 MB = 0.125 GB.  Initialising 0.45 s, busy 0.03 s, idle from 0.48 to 1.48 s.
  EXPECT_DOUBLE_EQ(m["init_gb_s"], 0.05625);
  EXPECT_DOUBLE_EQ(m["busy_gb_s"], 0.00375);
  EXPECT_DOUBLE_EQ(m["idle_gb_s"], 0.125);
  EXPECT_NEAR(m["idle_share_percent"], 67.567568, 1e-6);  // 100 x 1/1.48
}

TEST(MeasureRunTest, EnvironmentsCountFromTheStartToTheEndOfTheRun) {
  RunResult run = Serverless();
  // Warm since 10 s before the start; samples follow after the end.
  run.environments = {Environments(-10'000, 0, 0, 2), Environments(480, 0, 1, 1),
                      Environments(2'000, 0, 0, 9)};
  run.counts["environments_peak"] = 2;
  const Measured m(run);
  EXPECT_EQ(m["environments_peak"], 2);
  // Idle 2 x 0.48 s + 1 x 1.0 s = 1.96 s, busy 1.0 s; x 0.125 GB.
  EXPECT_DOUBLE_EQ(m["idle_gb_s"], 0.245);
  EXPECT_DOUBLE_EQ(m["busy_gb_s"], 0.125);
  EXPECT_EQ(m["init_gb_s"], 0);
}

TEST(MeasureRunTest, FunctionsOfSeveralSizesCountAtTheirMeanMemory) {
  RunResult run = Serverless();
  // 20 ms and 10 ms at 128 MB, 10 ms at 640 MB: (30 x 128 + 10 x 640)/40 = 256 MB = 0.25 GB.
  run.invocations[2].memory_mb = 640;
  run.invocations[2].run = 10 * kMilli;
  EXPECT_DOUBLE_EQ(Measured(run)["idle_gb_s"], 0.25);
}

TEST(MeasureRunTest, ElasticityComparesInvocationsWithEnvironments) {
  const Measured m(Serverless());
  // d is 1 in [10, 30), [140, 150), [500, 509) ms; s is 1 in [450, 1480) ms; T = 1480 ms, R = 10.
  // Lacking: 20 + 10 = 30 ms.  Over: 1030 - 9 = 1021 ms, all of it without demand.
  EXPECT_NEAR(m["elasticity_under_accuracy_percent"], 0.202703, 1e-6);           // 100 x 30/14800
  EXPECT_NEAR(m["elasticity_over_accuracy_percent"], 6.898649, 1e-6);            // 100 x 1021/14800
  EXPECT_NEAR(m["elasticity_under_accuracy_relative_percent"], 2.027027, 1e-6);  // 100 x 30/1480
  EXPECT_EQ(m["elasticity_over_accuracy_relative_percent"], 0);
  EXPECT_NEAR(m["elasticity_under_timeshare_percent"], 2.027027, 1e-6);
  EXPECT_NEAR(m["elasticity_over_timeshare_percent"], 68.986486, 1e-6);  // 100 x 1021/1480
  // Steps of 14.8 ms.  Demand is 1 at 14.8 and 29.6, at 148.0, at 503.2: three times up and down;
  // supply is 1 from 458.8 on: once up.
  EXPECT_DOUBLE_EQ(m["elasticity_instability_percent"], 7);
  EXPECT_NEAR(m["elasticity_jitter_per_s"], -3.378378, 1e-6);  // (1 - 6)/1.48
}

TEST(MeasureRunTest, WithoutACapTheMostResourcesAreThePeak) {
  RunResult run = Serverless();
  run.concurrency_cap = 0;
  // R = 1: 100 x 30/1480.
  EXPECT_NEAR(Measured(run)["elasticity_under_accuracy_percent"], 2.027027, 1e-6);
}

TEST(MeasureRunTest, CostsOfAServerlessRunFollowItsUse) {
  const Measured m(Serverless());
  EXPECT_DOUBLE_EQ(m["cost_requests_usd"], 0.0000006);  // 3 x 0.2 USD/1,000,000
  // Billed 470 + 20 + 9 = 499 ms; 0.499 s x 0.125 GB x 0.0000166667 USD.
  EXPECT_DOUBLE_EQ(m["cost_compute_usd"], 0.0000010395854125);
  EXPECT_DOUBLE_EQ(m["cost_writes_usd"], 0.000025);  // 40 x 0.625 USD/1,000,000
  EXPECT_DOUBLE_EQ(m["cost_reads_usd"], 0.000001);   // 8 x 0.125 USD/1,000,000
  EXPECT_DOUBLE_EQ(m["cost_total_usd"], 0.0000276395854125);
  EXPECT_DOUBLE_EQ(m["cost_per_1000_pods_usd"], 0.0092131951375);  // total/3 x 1000
  EXPECT_DOUBLE_EQ(m["cost_idle_usd_per_month"], 0.000244140625);  // 1/1024 GB x 0.25 USD
  // Storage: 0.000244140625/730 = 0.000000334439 USD per hour.
  // (0.10 - 0.000000334439)/(total/2 Jobs), and per 3 pods; then 0.288 in place of 0.10.
  EXPECT_NEAR(m["break_even_eks_jobs_per_h"], 7235.9744, 1e-3);
  EXPECT_NEAR(m["break_even_eks_pods_per_h"], 10853.9615, 1e-3);
  EXPECT_NEAR(m["break_even_nodes_jobs_per_h"], 20839.6516, 1e-3);
  EXPECT_NEAR(m["break_even_nodes_pods_per_h"], 31259.4774, 1e-3);
}

TEST(MeasureRunTest, AClassicRunHasNoFunctionsAndCostsByTheHour) {
  RunResult run;
  run.jobs = {Job(0, 0, 10, 1, 1)};
  run.pods = {Pod(0, 36, "", {{Cause::kThrottle, 36}})};
  run.end = 36'000 * kMilli;
  run.counts = {{"api_calls", 5}, {"events", 1}};
  const Measured m(run);
  EXPECT_DOUBLE_EQ(m["cost_total_usd"], 0.001);                  // 36 s/3600 x 0.10 USD
  EXPECT_DOUBLE_EQ(m["cost_per_1000_pods_usd"], 1);              // of one pod
  EXPECT_DOUBLE_EQ(m["cost_idle_usd_per_month"], 73);            // 0.10 x 730
  EXPECT_DOUBLE_EQ(m["cost_idle_nodes_usd_per_month"], 210.24);  // 3 x 0.096 x 730
  EXPECT_THAT(m.names(),
              ElementsAre("jobs", "pods", "pods_missing", "first_pod_s", "last_pod_s", "pods_per_s",
                          "pod_latency_p50_ms", "pod_latency_p90_ms", "pod_latency_p99_ms",
                          "pod_latency_p999_ms", "pod_latency_max_ms", "cause_submit_mean_ms",
                          "cause_commit_mean_ms", "cause_feed_mean_ms", "cause_lane_mean_ms",
                          "cause_throttle_mean_ms", "cause_wait_mean_ms", "cause_init_mean_ms",
                          "cause_batch_mean_ms", "cause_first_request_mean_ms",
                          "cause_compute_mean_ms", "cause_store_mean_ms", "cause_other_mean_ms",
                          "api_calls", "events", "cost_total_usd", "cost_per_1000_pods_usd",
                          "cost_idle_usd_per_month", "cost_idle_nodes_usd_per_month"));
}

TEST(MeasureRunTest, ARunWithoutFactsHasNoMetrics) {
  EXPECT_THAT(MeasureRun(RunResult{}), IsEmpty());
  EXPECT_THAT(CheckSlos(RunResult{}), IsEmpty());
}

TEST(MeasureRunTest, ARunOfInvocationsAloneHasNoPods) {
  RunResult run;
  run.invocations = {Invocation("warm", "ok", 0, 1, 0, 9, 5)};
  const Measured m(run);
  EXPECT_DOUBLE_EQ(m["slowdown_p50"], 2);
  EXPECT_THAT(m.names(), Not(Contains(HasSubstr("pod"))));
  EXPECT_THAT(m.names(), Not(Contains(HasSubstr("cost"))));  // the store's units were not counted
}

TEST(MeasureRunTest, EveryNameThatARunCanHaveIsKnown) {
  for (const CaseResult& own : ExampleResult().cases) {
    for (const RunResult& run : own.runs) {
      const auto& known = MetricNames(own.control_plane == "classic");
      for (const Metric& metric : MeasureRun(run)) {
        EXPECT_NE(std::find(known.begin(), known.end(), metric.name), known.end()) << metric.name;
      }
    }
  }
  const auto& classic = MetricNames(true);
  EXPECT_EQ(std::find(classic.begin(), classic.end(), "cold_starts"), classic.end());
}

TEST(MeasureRunTest, PodsThatEndAreCountedAndTimed) {
  RunResult run = ExampleResult().cases[0].runs[0];
  const auto find = [](const RunResult& of, const std::string& name) -> std::optional<double> {
    for (const Metric& metric : MeasureRun(of)) {
      if (metric.name == name) return metric.value;
    }
    return std::nullopt;
  };
  EXPECT_FALSE(find(run, "pods_succeeded")) << "none of them ended";
  run.last_pod_end = 2'500'000'000;
  run.counts["pods_failed"] = 3;
  EXPECT_EQ(find(run, "last_pod_end_s"), 2.5);
  EXPECT_EQ(find(run, "pods_succeeded"), 0);
  EXPECT_EQ(find(run, "pods_failed"), 3);
}

TEST(MeasureRunTest, NoNameComesTwice) {
  std::vector<std::string> names = Measured(Serverless()).names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(CheckSlosTest, ComparesTheNinetyNinthPercentileWithTheLimit) {
  RunResult run = Serverless();
  run.jobs[1].pods_wanted = 1;
  const auto outcomes = CheckSlos(run);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].name, "pod_startup_p99");
  EXPECT_EQ(outcomes[0].limit_s, 5);
  EXPECT_DOUBLE_EQ(outcomes[0].measured_s, 0.4698);  // as pod_latency_p99_ms
  EXPECT_TRUE(outcomes[0].ok);
  // 10 - 0 and 140 - 120 ms: 10 + 0.99 x 10.
  EXPECT_EQ(outcomes[1].name, "mutating_call_p99");
  EXPECT_EQ(outcomes[1].limit_s, 1);
  EXPECT_DOUBLE_EQ(outcomes[1].measured_s, 0.0199);
  EXPECT_TRUE(outcomes[1].ok);
}

TEST(CheckSlosTest, SlowPodsAndCallsBreakTheirs) {
  RunResult run;
  run.jobs = {Job(0, 0, 1'001, 1, 1)};
  run.pods = {Pod(0, 5'001, "cold")};
  const auto outcomes = CheckSlos(run);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_FALSE(outcomes[0].ok);
  EXPECT_FALSE(outcomes[1].ok);
  run.jobs = {Job(0, 0, 1'000, 1, 1)};
  run.pods = {Pod(0, 5'000, "cold")};
  EXPECT_TRUE(CheckSlos(run)[0].ok);
  EXPECT_TRUE(CheckSlos(run)[1].ok);
}

TEST(CheckSlosTest, AMissingPodBreaksItAndCountsAsWrittenAtTheEnd) {
  const auto outcomes = CheckSlos(Serverless());
  // 380, 460, 470, and 1480 - 100 = 1380 ms: h = 2.97, 470 + 0.97 x 910 = 1352.7.
  EXPECT_DOUBLE_EQ(outcomes[0].measured_s, 1.3527);
  EXPECT_FALSE(outcomes[0].ok);
}

}  // namespace
}  // namespace kless::experiment
