#include "emulator/experiment/measures/statistics.h"

#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

TEST(QuantileTest, InterpolatesLinearlyBetweenOrderStatistics) {
  // n = 5; h = 4 x 0.9 = 3.6; between the values 40 and 50: 40 + 0.6 x 10 = 46.
  EXPECT_DOUBLE_EQ(Quantile({50, 10, 40, 20, 30}, 0.9), 46);
  // h = 4 x 0.25 = 1: exactly the second value.
  EXPECT_DOUBLE_EQ(Quantile({50, 10, 40, 20, 30}, 0.25), 20);
  // n = 4; h = 3 x 0.5 = 1.5: half-way between 2 and 10.
  EXPECT_DOUBLE_EQ(Quantile({1, 10, 2, 11}, 0.5), 6);
}

TEST(QuantileTest, EndsAreTheSmallestAndTheLargest) {
  EXPECT_EQ(Quantile({3, 1, 2}, 0), 1);
  EXPECT_EQ(Quantile({3, 1, 2}, 1), 3);
  EXPECT_EQ(Quantile({7}, 0.99), 7);
}

TEST(QuantileDeathTest, NothingHasNoQuantile) { EXPECT_DEATH(Quantile({}, 0.5), "nothing"); }

TEST(SummariseTest, GivesTheMeansConfidenceInterval) {
  // 2, 4, 4, 6: mean 4; squares 4 + 0 + 0 + 4 = 8; s^2 = 8/3; s/sqrt(4) = 1.632993/2 = 0.816497;
  // t(3) = 3.182: 4 +- 2.598092.
  const Statistic statistic = Summarise({4, 2, 6, 4});
  EXPECT_EQ(statistic.n, 4u);
  EXPECT_EQ(statistic.median, 4);
  EXPECT_EQ(statistic.best, 2);
  EXPECT_EQ(statistic.worst, 6);
  EXPECT_EQ(statistic.mean, 4);
  EXPECT_NEAR(statistic.ci95_low, 1.401908, 1e-6);
  EXPECT_NEAR(statistic.ci95_high, 6.598092, 1e-6);
}

TEST(SummariseTest, OneValueHasNoSpread) {
  const Statistic statistic = Summarise({6.46});
  EXPECT_EQ(statistic.n, 1u);
  EXPECT_EQ(statistic.median, 6.46);
  EXPECT_EQ(statistic.mean, 6.46);
  EXPECT_EQ(statistic.ci95_low, 6.46);
  EXPECT_EQ(statistic.ci95_high, 6.46);
}

TEST(SummariseTest, NothingIsAllZero) {
  const Statistic statistic = Summarise({});
  EXPECT_EQ(statistic.n, 0u);
  EXPECT_EQ(statistic.mean, 0);
}

TEST(SummariseTest, EqualValuesAreTheirOwnMean) {
  // 0.1 + 0.1 + 0.1 is not 3 x 0.1 in binary.
  const Statistic statistic = Summarise({0.1, 0.1, 0.1});
  EXPECT_EQ(statistic.mean, 0.1);
  EXPECT_EQ(statistic.ci95_low, 0.1);
  EXPECT_EQ(statistic.ci95_high, 0.1);
}

TEST(SummariseTest, TheOrderOfTheRepeatsDoesNotMatter) {
  const Statistic a = Summarise({0.1, 0.7, 0.3, 1e9});
  const Statistic b = Summarise({1e9, 0.3, 0.7, 0.1});
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.ci95_high, b.ci95_high);
}

TEST(StudentTest, FollowsThePrintedTable) {
  EXPECT_EQ(StudentT975(1), 12.706);
  EXPECT_EQ(StudentT975(9), 2.262);
  EXPECT_EQ(StudentT975(30), 2.042);
  EXPECT_DOUBLE_EQ(StudentT975(40), 2.021);
  EXPECT_DOUBLE_EQ(StudentT975(120), 1.980);
}

TEST(StudentTest, InterpolatesBeyondTheTable) {
  // 1/30 - 1/35 = 1/210; 1/30 - 1/40 = 1/120: 120/210 = 4/7 of the way from 2.042 to 2.021.
  EXPECT_NEAR(StudentT975(35), 2.030, 1e-9);  // printed: 2.030
  // (1/60 - 1/99)/(1/60 - 1/120) = 0.787879 of the way from 2.000 to 1.980.
  EXPECT_NEAR(StudentT975(99), 1.984242, 1e-6);  // printed: 1.984
  EXPECT_NEAR(StudentT975(1'000'000), 1.960, 1e-4);
}

}  // namespace
}  // namespace kless::experiment
