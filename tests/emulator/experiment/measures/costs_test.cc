#include "emulator/experiment/measures/costs.h"

#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

InvocationTiming BilledInvocation(std::int64_t billed_ms, int memory_mb,
                                  const char* outcome = "ok") {
  InvocationTiming row;
  row.billed = billed_ms * 1'000'000;
  row.memory_mb = memory_mb;
  row.outcome = outcome;
  return row;
}

TEST(ServerlessCostsTest, AreRequestsGbSecondsAndRequestUnits) {
  RunResult run;
  run.invocations = {BilledInvocation(800, 128), BilledInvocation(1'000, 1024, "error"),
                     BilledInvocation(0, 128, "throttled")};
  run.counts = {{"store_writes", 300}, {"store_reads", 200}, {"item_bytes", 536'870'912}};
  const auto costs = MeasureServerlessCosts(run);
  ASSERT_TRUE(costs.has_value());
  // Two began: 2 x 0.2 USD/1,000,000.
  EXPECT_DOUBLE_EQ(costs->requests_usd, 0.0000004);
  // 0.8 s x 0.125 GB + 1 s x 1 GB = 1.1 GB s, x 0.0000166667 USD.
  EXPECT_DOUBLE_EQ(costs->compute_usd, 0.00001833337);
  // 300 x 0.625 USD/1,000,000.
  EXPECT_DOUBLE_EQ(costs->writes_usd, 0.0001875);
  // 200 x 0.125 USD/1,000,000.
  EXPECT_DOUBLE_EQ(costs->reads_usd, 0.000025);
  // Half a GB x 0.25 USD.
  EXPECT_DOUBLE_EQ(costs->storage_usd_per_month, 0.125);
  // 0.0000004 + 0.00001833337 + 0.0001875 + 0.000025.
  EXPECT_DOUBLE_EQ(costs->total_usd(), 0.00023123337);
}

TEST(ServerlessCostsTest, ProvisionedConcurrencyIsPaidByTheHourAndItsUseForLess) {
  const auto invocation = [](std::int64_t at_ms, std::int64_t run_ms, const char* function) {
    InvocationTiming row = BilledInvocation(run_ms, 1024);
    row.function = function;
    row.requested = at_ms * 1'000'000;
    row.run = run_ms * 1'000'000;
    return row;
  };
  RunResult run;
  run.counts = {{"store_writes", 0}, {"store_reads", 0}};
  run.end = 10'000'000'000;
  run.provisioned["f"] = {1, 1024};
  // In the order of their ends: the second begins while the first runs, the third at its end.
  run.invocations = {invocation(500, 200, "f"), invocation(0, 1000, "f"),
                     invocation(1000, 1000, "f"), invocation(0, 1000, "g")};
  const auto costs = MeasureServerlessCosts(run);
  ASSERT_TRUE(costs.has_value());
  // 2 s in what is provisioned, 0.2 + 1 s on demand.
  EXPECT_DOUBLE_EQ(costs->compute_usd, 1.2 * 0.0000166667 + 2 * 0.0000097222);
  EXPECT_DOUBLE_EQ(costs->provisioned_usd, 10 * 0.0000041667);
  EXPECT_DOUBLE_EQ(costs->total_usd(), costs->use_usd() + costs->provisioned_usd);
  // 730 h of 1 GB.
  EXPECT_DOUBLE_EQ(costs->idle_usd_per_month(), 2'628'000 * 0.0000041667);
}

TEST(ServerlessCostsTest, AreUnknownWithoutTheirFacts) {
  RunResult run;
  run.counts = {{"store_writes", 300}, {"store_reads", 200}};
  EXPECT_FALSE(MeasureServerlessCosts(run).has_value());
  run.invocations = {BilledInvocation(1, 128)};
  EXPECT_TRUE(MeasureServerlessCosts(run).has_value());
  run.counts.erase("store_reads");
  EXPECT_FALSE(MeasureServerlessCosts(run).has_value());
}

TEST(ClassicTest, HasNoFunctions) {
  RunResult run;
  EXPECT_TRUE(IsClassic(run));
  run.environment_memory_mb = 128;
  EXPECT_FALSE(IsClassic(run));
  run.environment_memory_mb = 0;
  run.invocations = {BilledInvocation(1, 128)};
  EXPECT_FALSE(IsClassic(run));
}

TEST(ClassicTest, ThreeNodesCostThreeTimesOne) {
  EXPECT_DOUBLE_EQ(kOwnControlPlaneUsdPerHour, 0.288);
  // The published price of a month of EKS: 0.10 x 730.
  EXPECT_DOUBLE_EQ(kEksUsdPerHour * kHoursPerMonth, 73);
}

TEST(BreakEvenTest, IsTheRateAtWhichBothCostTheSame) {
  // Storage takes 7.3/730 = 0.01 of 0.10 USD per hour; 0.09/0.00003 = 3,000 per hour.
  EXPECT_DOUBLE_EQ(BreakEvenPerHour(0.00003, 7.3, 0.10).value(), 3000);
}

TEST(BreakEvenTest, IsZeroIfStorageAloneCostsMore) {
  // 146/730 = 0.20 USD per hour.
  EXPECT_EQ(BreakEvenPerHour(0.00003, 146, 0.10).value(), 0);
}

TEST(BreakEvenTest, DoesNotExistForWhatIsFree) {
  EXPECT_FALSE(BreakEvenPerHour(0, 0, 0.10).has_value());
}

}  // namespace
}  // namespace kless::experiment
