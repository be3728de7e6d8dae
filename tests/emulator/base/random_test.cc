#include "emulator/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "emulator/base/distribution.h"

namespace kless {
namespace {

TEST(RandomTest, AStreamIsAFunctionOfSeedAndComponent) {
  Random a(7, "pool"), b(7, "pool"), c(7, "store"), d(8, "pool");
  const auto first = a.Bits();
  EXPECT_EQ(first, b.Bits());
  EXPECT_NE(first, c.Bits());
  EXPECT_NE(first, d.Bits());
}

TEST(RandomTest, TheFirstDrawsAreTheSameOnEveryMachine) {
  Random random(1, "golden");
  const std::string uuid = random.Uuid();
  EXPECT_TRUE(std::regex_match(
      uuid, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
  Random again(1, "golden");
  EXPECT_EQ(again.Uuid(), uuid);
}

TEST(RandomTest, NameSuffixUsesKubernetesAlphabet) {
  Random random(3, "names");
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(
        std::regex_match(random.NameSuffix(), std::regex("[bcdfghjklmnpqrstvwxz2456789]{5}")));
  }
}

TEST(RandomTest, NormalHasTheMomentsOfTheNormalDistribution) {
  Random random(5, "normal");
  double sum = 0, squares = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = random.Normal();
    sum += draw;
    squares += draw * draw;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
}

TEST(PortableMathTest, LogAndExpAgreeWithTheLibraryToTwelveDigits) {
  for (double x = 1e-6; x < 1e9; x *= 1.37) {
    EXPECT_NEAR(PortableLog(x), std::log(x), 1e-12 * std::max(1.0, std::fabs(std::log(x))));
  }
  for (double x = -30; x < 30; x += 0.173) {
    EXPECT_NEAR(PortableExp(x) / std::exp(x), 1.0, 1e-12);
  }
}

Distribution Parse(const char* text) {
  return Distribution::FromJson(nlohmann::json::parse(text)).value();
}

TEST(DistributionTest, LognormalHitsItsQuantiles) {
  const Distribution distribution = Parse(R"({"lognormal_ms": {"p50": 50, "p99": 80}})");
  Random random(9, "lognormal");
  std::vector<double> draws;
  for (int i = 0; i < 100'000; ++i) draws.push_back(ToMilliseconds(distribution.Sample(random)));
  std::sort(draws.begin(), draws.end());
  EXPECT_NEAR(draws[50'000], 50, 0.5);
  EXPECT_NEAR(draws[99'000], 80, 1.5);
}

std::vector<double> Draw(const Distribution& distribution, int count) {
  Random random(11, "draws");
  std::vector<double> draws;
  for (int i = 0; i < count; ++i) draws.push_back(ToMilliseconds(distribution.Sample(random)));
  std::sort(draws.begin(), draws.end());
  return draws;
}

// Checks how many of a million draws are below each quantile, within four standard deviations.
TEST(DistributionTest, PublishedQuantilesComeOutAgain) {
  const auto draws = Draw(
      Parse(R"({"quantiles_ms": {"p10": 118, "p50": 213, "p90": 341, "p99": 552}})"), 1'000'000);
  const auto below = [&](double milliseconds) {
    return static_cast<double>(std::lower_bound(draws.begin(), draws.end(), milliseconds) -
                               draws.begin()) /
           1e6;
  };
  const auto check = [&](double milliseconds, double probability) {
    const double deviation = std::sqrt(probability * (1 - probability) / 1e6);
    EXPECT_NEAR(below(milliseconds), probability, 4 * deviation) << milliseconds;
  };
  check(118, 0.1);
  check(213, 0.5);
  check(341, 0.9);
  check(552, 0.99);
  // Between quantiles: the score of p30 is -0.524401, of p10 -1.281552, of p75 0.674490, of p90 the
  // opposite of p10's.
  check(213 * std::pow(118.0 / 213, 0.5244005 / 1.2815516), 0.3);
  check(213 * std::pow(341.0 / 213, 0.6744898 / 1.2815516), 0.75);
  // Beyond quantiles: the slope between p10 and p50 down to p1, that between p90 and p99 up to
  // p99.9.
  check(213 * std::pow(118.0 / 213, 2.3263479 / 1.2815516), 0.01);
  check(341 * std::pow(552.0 / 341, (3.0902323 - 1.2815516) / (2.3263479 - 1.2815516)), 0.999);
}

TEST(DistributionTest, TwoQuantilesAreTheLognormalThroughThem) {
  const auto quantiles = Draw(Parse(R"({"quantiles_ms": {"p50": 50.6, "p99": 76.1}})"), 10'000);
  const auto lognormal = Draw(Parse(R"({"lognormal_ms": {"p50": 50.6, "p99": 76.1}})"), 10'000);
  for (std::size_t i = 0; i < lognormal.size(); ++i) {
    EXPECT_NEAR(quantiles[i] / lognormal[i], 1, 1e-6);
  }
}

TEST(DistributionTest, QuantilesEndAtTenTimesTheLastAndNeverFallBelowZero) {
  const auto wild = Draw(Parse(R"({"quantiles_ms": {"p49": 0.001, "p50": 100}})"), 10'000);
  EXPECT_GE(wild.front(), 0);
  EXPECT_EQ(wild.back(), 1000);
  const auto flat = Draw(Parse(R"({"quantiles_ms": {"p10": 7, "p90": 7}})"), 1000);
  EXPECT_NEAR(flat.front(), 7, 1e-5);
  EXPECT_NEAR(flat.back(), 7, 1e-5);
}

TEST(DistributionTest, EveryFormSurvivesTheRoundTrip) {
  for (const char* text :
       {R"({"constant_ms":450.0})", R"({"uniform_ms":[0.0,250.0]})",
        R"({"lognormal_ms":{"p50":50.0,"p99":76.1}})", R"({"empirical_ms":[1.0,2.5]})",
        R"({"quantiles_ms":{"p0.1":1.0,"p5":2.0,"p50":3.0,"p90":3.0,"p99.9":4.0}})"}) {
    EXPECT_EQ(Parse(text).ToJson(), nlohmann::json::parse(text));
  }
  EXPECT_EQ(Parse("450").ToJson(), nlohmann::json::parse(R"({"constant_ms":450.0})"));
}

TEST(DistributionTest, InvalidDistributionsAreRefusedWithTheForms) {
  for (const char* text :
       {R"(-1)", R"("x")", R"({"uniform_ms":[3,1]})", R"({"lognormal_ms":{"p50":0,"p99":1}})",
        R"({"empirical_ms":[]})", R"({"normal_ms":[1,2]})", R"({"quantiles_ms":{"p50":1}})",
        R"({"quantiles_ms":{"p50":2,"p99":1}})", R"({"quantiles_ms":{"p50":0,"p99":1}})",
        R"({"quantiles_ms":{"p50":1,"p50.0":2}})", R"({"quantiles_ms":{"p50":1,"p100":2}})",
        R"({"quantiles_ms":{"p50":1,"p99.99":2}})", R"({"quantiles_ms":{"p0":1,"p50":2}})",
        R"({"quantiles_ms":{"p50":1,"99":2}})", R"({"quantiles_ms":{"p50":1,"p9x":2}})",
        R"({"quantiles_ms":{"p50":1,"p99.":2}})", R"({"quantiles_ms":[1,2]})"}) {
    const auto parsed = Distribution::FromJson(nlohmann::json::parse(text));
    ASSERT_TRUE(parsed.has_error()) << text;
    EXPECT_NE(parsed.error().message.find("lognormal_ms"), std::string::npos);
  }
}

}  // namespace
}  // namespace kless
