// Times in these tests are nanoseconds, as in a run; most runs here are 10 s long.
#include "emulator/experiment/measures/elasticity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::int64_t kSecond = 1'000'000'000;

InvocationTiming InvocationAt(std::int64_t requested, std::int64_t run) {
  InvocationTiming row;
  row.outcome = "ok";
  row.requested = requested;
  row.run = run;
  return row;
}

TEST(DemandTest, AnInvocationIsDemandFromItsRequestForItsRunTime) {
  RunResult run;
  // In the order of their end, not of their request; waits do not matter.
  run.invocations = {InvocationAt(5, 10), InvocationAt(0, 10), InvocationAt(10, 2)};
  run.invocations[0].queued = 100;
  run.invocations[0].init = 450;
  // [5, 15), [0, 10), [10, 12): at 10 one ends and another begins.
  EXPECT_THAT(Demand(run), ElementsAre(Pair(0, 1), Pair(5, 2), Pair(12, 1), Pair(15, 0)));
}

TEST(DemandTest, InvocationsThatNeverRanAreNotDemand) {
  RunResult run;
  run.invocations = {InvocationAt(5, 0)};
  run.invocations[0].outcome = "throttled";
  EXPECT_THAT(Demand(run), IsEmpty());
}

TEST(SupplyTest, InitialisingEnvironmentsAreNoSupply) {
  RunResult run;
  run.environments = {{0, 2, 0, 0}, {450, 1, 1, 0}, {500, 0, 1, 1}, {600, 0, 0, 2}, {900, 0, 0, 0}};
  // 0; 1; 2; 2 as before; 0.
  EXPECT_THAT(Supply(run), ElementsAre(Pair(450, 1), Pair(500, 2), Pair(900, 0)));
}

TEST(SupplyTest, TheLastOfSeveralSamplesOfAnInstantCounts) {
  RunResult run;
  run.environments = {{0, 0, 0, 1}, {7, 0, 0, 5}, {7, 0, 1, 0}, {9, 0, 2, 0}};
  // At 7: first 5, then 1, which it was before.
  EXPECT_THAT(Supply(run), ElementsAre(Pair(0, 1), Pair(9, 2)));
}

TEST(ElasticityTest, AreasAndTimesAreSharesOfTheRun) {
  // d: 4 in [0, 5), 0 in [5, 10).  s: 0 in [0, 2), 2 in [2, 4), 6 in [4, 10).  T = 10 s, R = 10.
  //   [0, 2): d - s = 4, 8 s lacking;  [2, 4): 2, 4 s;  [4, 5): s - d = 2, 2 s over;  [5, 10): 6,
  //   30 s.
  const Elasticity e =
      MeasureElasticity({{0, 4}, {5 * kSecond, 0}}, {{2 * kSecond, 2}, {4 * kSecond, 6}},
                        10 * kSecond, /*resources_max=*/10);
  EXPECT_DOUBLE_EQ(e.under_accuracy, 12);  // 100 x (8 + 4)/(10 x 10)
  EXPECT_DOUBLE_EQ(e.over_accuracy, 32);   // 100 x (2 + 30)/(10 x 10)
  // 2 s at 4/4 and 2 s at 2/4: 100 x 3/10.
  EXPECT_DOUBLE_EQ(e.under_accuracy_relative, 30);
  // 1 s at 2/4; [5, 10) has no demand to divide by: 100 x 0.5/10.
  EXPECT_DOUBLE_EQ(e.over_accuracy_relative, 5);
  EXPECT_DOUBLE_EQ(e.under_timeshare, 40);  // [0, 4)
  EXPECT_DOUBLE_EQ(e.over_timeshare, 60);   // [4, 10)
  // Steps of 0.1 s; supply alone moves in those that end at 2 s and 4 s, demand alone at 5 s.
  EXPECT_DOUBLE_EQ(e.instability, 3);
  // Supply: +2, +4.  Demand: -4 (the initial value is not a change).  (6 - 4)/10 s.
  EXPECT_DOUBLE_EQ(e.jitter_per_s, 0.2);
}

TEST(ElasticityTest, SupplyThatIsDemandIsPerfect) {
  const Steps steps = {{0, 1}, {3 * kSecond, 5}, {7 * kSecond, 2}};
  const Elasticity e = MeasureElasticity(steps, steps, 10 * kSecond, 5);
  EXPECT_EQ(e.under_accuracy, 0);
  EXPECT_EQ(e.over_accuracy, 0);
  EXPECT_EQ(e.under_accuracy_relative, 0);
  EXPECT_EQ(e.over_accuracy_relative, 0);
  EXPECT_EQ(e.under_timeshare, 0);
  EXPECT_EQ(e.over_timeshare, 0);
  EXPECT_EQ(e.instability, 0);
  EXPECT_EQ(e.jitter_per_s, 0);
}

TEST(ElasticityTest, MovesWithinAStepOnlyDifferInDirection) {
  // Within the step (1.0 s, 1.1 s] demand rises by 1 and supply by 7: the same direction.  Within
  // (2.0 s, 2.1 s] demand falls and supply rises: opposite directions.
  const std::int64_t tenth = kSecond / 10;
  const Elasticity e =
      MeasureElasticity({{10 * tenth + 1, 1}, {20 * tenth + 1, 0}},
                        {{10 * tenth + 2, 7}, {20 * tenth + 2, 8}}, 10 * kSecond, 10);
  EXPECT_DOUBLE_EQ(e.instability, 1);
}

TEST(ElasticityTest, WhatIsOutsideTheRunDoesNotCount) {
  // Supply has been 1 since before the start; changes at and after the end are ignored.
  const Elasticity e = MeasureElasticity({{0, 1}, {10 * kSecond, 9}},
                                         {{-5 * kSecond, 1}, {12 * kSecond, 0}}, 10 * kSecond, 1);
  EXPECT_EQ(e.under_accuracy, 0);
  EXPECT_EQ(e.over_accuracy, 0);
  EXPECT_EQ(e.instability, 0);
  EXPECT_EQ(e.jitter_per_s, 0);
}

TEST(ElasticityTest, SupplyThatNeverMovesHasNegativeJitter) {
  // Demand: +3, -3 in 2 s.
  const Elasticity e =
      MeasureElasticity({{kSecond / 2, 3}, {kSecond, 0}}, {{0, 1}}, 2 * kSecond, 3);
  EXPECT_DOUBLE_EQ(e.jitter_per_s, -3);
}

TEST(ElasticityTest, ARunOfNoTimeHasNone) {
  const Elasticity e = MeasureElasticity({{0, 1}}, {}, 0, 1);
  EXPECT_EQ(e.under_timeshare, 0);
  EXPECT_EQ(e.jitter_per_s, 0);
}

TEST(ElasticityTest, WithoutAMaximumThereIsNoAbsoluteAccuracy) {
  const Elasticity e = MeasureElasticity({{0, 1}}, {}, kSecond, 0);
  EXPECT_EQ(e.under_accuracy, 0);
  EXPECT_DOUBLE_EQ(e.under_accuracy_relative, 100);
  EXPECT_DOUBLE_EQ(e.under_timeshare, 100);
}

}  // namespace
}  // namespace kless::experiment
