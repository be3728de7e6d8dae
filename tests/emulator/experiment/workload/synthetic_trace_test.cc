#include "emulator/experiment/workload/synthetic_trace.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/emulator/experiment/workload/workload_fixture.h"

namespace kless::experiment {
namespace {

using testing::HasSubstr;

class SyntheticTraceTest : public WorkloadFixture {
 protected:
  // Invocations per function, by rank.
  static std::vector<int> Popularity(const Workload& workload) {
    std::vector<int> counts(workload.functions.size());
    for (const Arrival& arrival : workload.arrivals) {
      ++counts.at(static_cast<std::size_t>(arrival.function));
    }
    return counts;
  }
  static double ShareOfFirst(const std::vector<int>& counts, std::size_t first) {
    double share = 0, all = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      all += counts[i];
      if (i < first) share += counts[i];
    }
    return share / all;
  }
};

TEST_F(SyntheticTraceTest, HasExactlyTheInvocationsAskedForWithinItsMinutes) {
  const Workload made =
      Make(R"({"synthetic": {"functions": 50, "minutes": 2, "invocations": 3000}})");
  ASSERT_EQ(made.arrivals.size(), 3000U);
  ASSERT_EQ(made.functions.size(), 50U);
  EXPECT_EQ(made.functions[0].name, "synthetic-1");
  EXPECT_TRUE(std::is_sorted(made.arrivals.begin(), made.arrivals.end(),
                             [](const Arrival& a, const Arrival& b) { return a.at < b.at; }));
  EXPECT_LT(made.arrivals.back().at, std::chrono::minutes(2));
  EXPECT_GT(made.arrivals.back().at, std::chrono::seconds(118));
  for (const Arrival& arrival : made.arrivals) {
    EXPECT_GE(arrival.duration, std::chrono::milliseconds(1));
    EXPECT_LE(arrival.duration, std::chrono::minutes(15));
    EXPECT_EQ(arrival.memory_mb,
              made.functions.at(static_cast<std::size_t>(arrival.function)).memory_mb);
  }
  EXPECT_EQ(made.rule,
            "3000 invocations of 50 made-up functions in 2 minutes; a function's popularity is in "
            "proportion to 1/rank^1.1, its arrivals are a Poisson process, its duration is "
            "log-normal");
}

TEST_F(SyntheticTraceTest, TheTailIsAsHeavyAsTheHeaderSays) {
  const auto share = [&](const std::string& tail, std::size_t first) {
    return ShareOfFirst(Popularity(Make(R"({"synthetic": {"functions": 1000, "invocations": 50000,
                                            "tail": )" +
                                        tail + "}}")),
                        first);
  };
  EXPECT_NEAR(share("1.1", 186), 0.84, 0.01);
  EXPECT_NEAR(share("1.1", 10), 0.48, 0.01);
  EXPECT_NEAR(share("1.5", 186), 0.97, 0.005);
  EXPECT_NEAR(share("2", 186), 0.997, 0.001);
  EXPECT_NEAR(share("0", 186), 0.186, 0.01);
}

TEST_F(SyntheticTraceTest, DurationsAndMemoryAreLikeTheExcerptTheyComeFrom) {
  const Workload made = Make(R"({"synthetic": {"functions": 5000, "invocations": 50000,
                                               "tail": 0}})");
  std::map<int, double> duration_of;
  for (const Arrival& arrival : made.arrivals) {
    duration_of[arrival.function] = ToMilliseconds(arrival.duration);
  }
  std::vector<double> durations, memory;
  for (const auto& [function, duration] : duration_of) durations.push_back(duration);
  for (const TraceFunction& function : made.functions) memory.push_back(function.memory_mb);
  std::sort(durations.begin(), durations.end());
  std::sort(memory.begin(), memory.end());
  EXPECT_NEAR(durations[durations.size() / 2], 308, 45);  // e^-1.1787 s
  EXPECT_NEAR(memory[memory.size() / 2], 150, 5);
  EXPECT_EQ(memory.front(), 128);
  EXPECT_LE(memory.back(), 1259);
}

TEST_F(SyntheticTraceTest, AsJobsEachInvocationIsAJobOfOnePod) {
  const Workload made = Make(R"({"synthetic": {"invocations": 100, "as": "jobs"}})");
  ASSERT_EQ(made.arrivals.size(), 100U);
  EXPECT_TRUE(made.functions.empty());
  for (const Arrival& arrival : made.arrivals) {
    EXPECT_EQ(arrival.function, -1);
    EXPECT_EQ(arrival.pods, 1);
    EXPECT_GE(arrival.memory_mb, 70);
  }
  EXPECT_THAT(made.rule, HasSubstr("each one Job of one pod"));
}

TEST_F(SyntheticTraceTest, EqualSeedsGiveEqualTraces) {
  const std::string description = R"({"synthetic": {"invocations": 1000}})";
  EXPECT_EQ(Milliseconds(Make(description)), Milliseconds(Make(description)));
  EXPECT_NE(Milliseconds(Make(description)), Milliseconds(Make(description, 2)));
  // The same on every machine.
  EXPECT_EQ(Make(description).arrivals[0].at.count(), 5322771143);
}

TEST_F(SyntheticTraceTest, SizesOutOfRangeAreRefused) {
  EXPECT_EQ(Problem(R"({"synthetic": {"invocations": 10000001}})"),
            "workload.synthetic.invocations must be a whole number from 1 to 10000000, not "
            "10000001");
  EXPECT_EQ(Problem(R"({"synthetic": {"functions": 0}})"),
            "workload.synthetic.functions must be a whole number from 1 to 100000, not 0");
  EXPECT_EQ(Problem(R"({"synthetic": {"tail": -1}})"),
            "workload.synthetic.tail must be a number from 0 to 10, not -1");
  EXPECT_THAT(Problem(R"({"synthetic": {"as": "job"}})"), HasSubstr("did you mean 'jobs'?"));
}

}  // namespace
}  // namespace kless::experiment
