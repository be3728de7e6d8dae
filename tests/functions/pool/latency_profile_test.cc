#include "functions/pool/latency_profile.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless {
namespace {

std::string ProfileError(const nlohmann::json& json) {
  const auto read = LatencyProfile::FromJson(json);
  return read.has_error() ? read.error().message : std::string();
}

TEST(LatencyProfileTest, ReadsDistributionsAndTheirSources) {
  const auto read =
      LatencyProfile::FromJson({{"name", "mine"},
                                {"store_write", {{"lognormal_ms", {{"p50", 5}, {"p99", 15}}}}},
                                {"sources",
                                 {{"store_write",
                                   {{"source", "a paper"},
                                    {"date", "2022-09"},
                                    {"n", 1024},
                                    {"quantiles_ms", {{"p50", 5.5}}},
                                    {"note", "rounded"}}}}}});
  ASSERT_FALSE(read.has_error()) << read.error().message;
  EXPECT_EQ(read.value().name, "mine");
  EXPECT_FALSE(read.value().store_write.IsZero());
  EXPECT_TRUE(read.value().store_read.IsZero());
  EXPECT_EQ(read.value().sources.at("store_write").n, 1024U);
  EXPECT_EQ(read.value().sources.at("store_write").quantiles_ms.at("p50"), 5.5);
}

TEST(LatencyProfileTest, WrongKeysAreRefusedWithTheNearestKnownOne) {
  EXPECT_EQ(ProfileError({{"store_wirte", 5}}),
            "unknown key 'store_wirte'; did you mean 'store_write'?");
  EXPECT_EQ(ProfileError({{"sources", {{"store_raed", {}}}}}),
            "unknown key 'sources.store_raed'; did you mean 'store_read'?");
  EXPECT_EQ(ProfileError({{"sources", {{"store_read", {{"source", "x"}}}}}}),
            "'sources.store_read' needs a source and a date");
  EXPECT_NE(ProfileError({{"store_read", "fast"}}), "");
  EXPECT_NE(ProfileError(nlohmann::json::array()), "");
}

TEST(LatencyProfileTest, TheCpuShareGrowsWithMemoryUpToOneVcpu) {
  EXPECT_DOUBLE_EQ(CpuShare(128), 128.0 / 1769);
  EXPECT_DOUBLE_EQ(CpuShare(1769), 1);
  EXPECT_DOUBLE_EQ(CpuShare(10240), 1);
}

}  // namespace
}  // namespace kless
