#include "emulator/experiment/workload/workload.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/emulator/experiment/workload/workload_fixture.h"

namespace kless::experiment {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class WorkloadTest : public WorkloadFixture {};

TEST_F(WorkloadTest, JobsAreAllDueAtOnceUnlessToldOtherwise) {
  const Workload made = Make(R"({"jobs": 100, "pods": 3, "duration": "30s"})");
  ASSERT_EQ(made.arrivals.size(), 100U);
  for (const Arrival& arrival : made.arrivals) {
    EXPECT_EQ(arrival.at, Duration::zero());
    EXPECT_EQ(arrival.pods, 3);
    EXPECT_EQ(arrival.duration, seconds(30));
    EXPECT_EQ(arrival.function, -1);
    EXPECT_EQ(arrival.memory_mb, 0);
  }
  EXPECT_TRUE(made.functions.empty());
  EXPECT_EQ(made.rule, "100 Jobs of 3 pods, all due at once");
  EXPECT_EQ(Make(R"({"jobs": 1})").rule, "1 Job of 1 pod, all due at once");
  EXPECT_EQ(Make(R"({"jobs": 2, "arrival": {"process": "at-once"}})").arrivals[1].at,
            Duration::zero());
}

TEST_F(WorkloadTest, AConstantProcessHasEqualDistances) {
  const Workload made =
      Make(R"({"jobs": 5, "arrival": {"process": "constant", "rate_per_s": 20}})");
  EXPECT_THAT(Milliseconds(made), ElementsAre(0, 50, 100, 150, 200));
  EXPECT_EQ(made.rule, "5 Jobs of 1 pod, 20 a second at equal distances");
}

TEST_F(WorkloadTest, ABurstComesSeveralAtATime) {
  const Workload made =
      Make(R"({"jobs": 5, "arrival": {"process": "burst", "size": 2, "every": "5s"}})");
  EXPECT_THAT(Milliseconds(made), ElementsAre(0, 0, 5000, 5000, 10000));
  EXPECT_EQ(made.rule, "5 Jobs of 1 pod, 2 at once every 5s");
}

TEST_F(WorkloadTest, APoissonProcessHasTheRateAndDependsOnTheSeedOnly) {
  const std::string description =
      R"({"jobs": 20000, "arrival": {"process": "poisson", "rate_per_s": 20}})";
  const std::vector<double> times = Milliseconds(Make(description));
  ASSERT_EQ(times.size(), 20000U);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_NEAR(times.back(), 1e6, 3e4);  // four deviations
  // Gaps are exponential: 1 - 1/e of them are below the mean.
  int below = 0;
  for (std::size_t i = 1; i < times.size(); ++i) below += times[i] - times[i - 1] < 50;
  EXPECT_NEAR(below / 20000.0, 0.632, 0.015);
  EXPECT_EQ(times, Milliseconds(Make(description)));
  EXPECT_NE(times, Milliseconds(Make(description, 2)));
}

TEST_F(WorkloadTest, APoissonProcessIsTheSameOnEveryMachine) {
  const Workload made =
      Make(R"({"jobs": 3, "arrival": {"process": "poisson", "rate_per_s": 1}})", 42);
  std::vector<std::int64_t> nanos;
  for (const Arrival& arrival : made.arrivals) nanos.push_back(arrival.at.count());
  EXPECT_THAT(nanos, ElementsAre(481878194, 540947329, 2740314947));
}

TEST_F(WorkloadTest, AListIsSortedAndKeepsTheOrderOfEqualTimes) {
  const Workload made = Make(R"({"list": [{"at": "2s", "jobs": 2, "pods": 2, "duration": 500},
                                          {"jobs": 1, "pods": 100},
                                          {"at": 2000, "pods": 7}]})");
  EXPECT_THAT(Milliseconds(made), ElementsAre(0, 2000, 2000, 2000));
  EXPECT_EQ(made.arrivals[0].pods, 100);
  EXPECT_EQ(made.arrivals[1].duration, milliseconds(500));
  EXPECT_EQ(made.arrivals[3].pods, 7);
  EXPECT_EQ(made.rule, "4 Jobs as listed, each entry's Jobs due at its time");
}

TEST_F(WorkloadTest, AnUnknownKeyNamesTheNearestOne) {
  EXPECT_EQ(Problem(R"({"jobs": 1, "pod": 3})"),
            "workload: unknown key 'pod'; did you mean 'pods'?");
  EXPECT_EQ(Problem(R"({"jobs": 1, "arrival": {"process": "poisson", "rate": 3}})"),
            "workload.arrival: unknown key 'rate'; did you mean 'rate_per_s'?");
  EXPECT_EQ(Problem(R"({"list": [{"at": 0}, {"job": 1}]})"),
            "workload.list[1]: unknown key 'job'; did you mean 'jobs'?");
  EXPECT_EQ(Problem(R"({"synthetic": {"zipf": 1}})"),
            "workload.synthetic: unknown key 'zipf'; known are functions, minutes, invocations, "
            "tail, as");
  EXPECT_EQ(Problem(R"({"jobs": 1, "arrival": {"process": "poison", "rate_per_s": 1}})"),
            "workload.arrival.process must be one of at-once, constant, poisson, burst, not "
            "\"poison\"; did you mean 'poisson'?");
}

TEST_F(WorkloadTest, ExactlyOneFormIsGiven) {
  EXPECT_EQ(Problem("{}"), "workload needs one of jobs, list, trace, synthetic");
  EXPECT_EQ(Problem(R"({"jobs": 1, "list": []})"),
            "workload has both jobs and list; keep one of them");
  EXPECT_EQ(Problem(R"({"synthetic": {}, "pods": 2})"),
            "workload.pods goes only with jobs, not with synthetic; remove it");
  EXPECT_EQ(Problem("[]"),
            "workload must be a map with the keys jobs, list, trace, synthetic, pods, duration, "
            "arrival, not []");
}

TEST_F(WorkloadTest, NumbersOutOfRangeAreRefused) {
  EXPECT_EQ(Problem(R"({"jobs": -1})"),
            "workload.jobs must be a whole number from 1 to 10000000, not -1");
  EXPECT_EQ(Problem(R"({"jobs": 2.5})"),
            "workload.jobs must be a whole number from 1 to 10000000, not 2.5");
  for (const char* jobs : {"0", "10000001", "18446744073709551615", "\"5\"", "null", "true"}) {
    EXPECT_THAT(Problem(std::string(R"({"jobs": )") + jobs + "}"), HasSubstr("workload.jobs must"));
  }
  EXPECT_EQ(Problem(R"({"jobs": 100000, "pods": 1000})"),
            "workload: 100000 Jobs with 100000000 pods in all; at most 10000000 of each, lower "
            "jobs or pods");
  EXPECT_THAT(Problem(R"({"list": [{"jobs": 9000000}, {"jobs": 9000000}]})"),
              HasSubstr("workload.list[1]: 18000000 Jobs"));
  EXPECT_EQ(Problem(R"({"list": []})"),
            "workload.list must be a list like [{at: 0s, jobs: 1, pods: 100}], with at least one "
            "entry");
  EXPECT_EQ(
      Problem(R"({"list": [{"at": "-2s"}]})"),
      "workload.list[0].at must be milliseconds or a text like \"5s\" or \"1m30s\", from 0 to "
      "366 days, not \"-2s\"");
  EXPECT_THAT(Problem(R"({"list": [{"at": "9000h"}]})"), HasSubstr("366 days"));
}

TEST_F(WorkloadTest, AProcessTakesOnlyItsOwnKeysAndPositiveRates) {
  const auto problem = [&](const std::string& arrival) {
    return Problem(R"({"jobs": 100, "arrival": )" + arrival + "}");
  };
  EXPECT_EQ(problem(R"({"process": "poisson", "rate_per_s": 0})"),
            "workload.arrival.rate_per_s must be a number above 0, at most 1000000000, not 0");
  EXPECT_EQ(problem(R"({"process": "constant"})"),
            "workload.arrival.rate_per_s is missing; it must be a number above 0, at most "
            "1000000000");
  EXPECT_EQ(problem(R"({"process": "burst", "size": 1, "every": "0s"})"),
            "workload.arrival.every must be above 0");
  EXPECT_EQ(problem(R"({"process": "burst", "size": 1, "every": "1s", "rate_per_s": 1})"),
            "workload.arrival.rate_per_s says nothing about the process burst; remove it");
  EXPECT_EQ(problem(R"({"rate_per_s": 1})"),
            "workload.arrival.process is missing; it must be one of at-once, constant, poisson, "
            "burst");
  EXPECT_EQ(
      problem(R"({"process": "poisson", "rate_per_s": 1e-9})"),
      "workload.arrival.rate_per_s makes the workload longer than 366 days; submit faster, or "
      "fewer jobs");
}

TEST_F(WorkloadTest, ValidationReadsNoTraceButMissesAFile) {
  Write("trace.csv", "no trace at all");
  EXPECT_EQ(ValidationProblem(R"({"trace": {"file": "trace.csv"}})"), "");
  EXPECT_EQ(ValidationProblem(R"({"jobs": 0})"),
            "workload.jobs must be a whole number from 1 to 10000000, not 0");
  EXPECT_THAT(ValidationProblem(R"({"trace": {"file": "other.csv"}})"),
              HasSubstr("workload.trace.file: the file 'other.csv' does not exist; looked for "
                        "FOLDER/other.csv and /"));
  const auto missing = Try(R"({"trace": {"file": "/no/such"}})");
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message,
            "workload.trace.file: the file '/no/such' does not exist; looked for /no/such");
  EXPECT_EQ(ValidationProblem(R"({"trace": {"file": "."}})"),
            "workload.trace.file must be a file, but FOLDER/. is a folder");
  EXPECT_EQ(ValidationProblem(R"({"trace": {}})"),
            "workload.trace.file is missing; it must be the path of a file");
}

}  // namespace
}  // namespace kless::experiment
