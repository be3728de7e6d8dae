#include "functions/pool/faults.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless {
namespace {

std::string ErrorOf(const nlohmann::json& json) {
  Faults faults(1);
  const auto added = faults.Add(json);
  return added.has_error() ? added.error().message : std::string();
}

TEST(FaultsTest, AFaultAtTheNthOpportunityFiresOnce) {
  Faults faults(1);
  ASSERT_FALSE(faults.Add({{"kind", "crash"}, {"at", 3}}).has_error());
  std::vector<bool> fired;
  for (int i = 0; i < 6; ++i) fired.push_back(faults.Fires(FaultKind::kCrash, "f").has_value());
  EXPECT_EQ(fired, (std::vector<bool>{false, false, true, false, false, false}));
}

TEST(FaultsTest, OpportunitiesOfOtherKindsAndFunctionsDoNotCount) {
  Faults faults(1);
  ASSERT_FALSE(faults.Add({{"kind", "crash"}, {"at", 2}, {"function", "f"}}).has_error());
  EXPECT_FALSE(faults.Fires(FaultKind::kCrash, "f"));
  EXPECT_FALSE(faults.Fires(FaultKind::kCrash, "g"));
  EXPECT_FALSE(faults.Fires(FaultKind::kStall, "f"));
  EXPECT_TRUE(faults.Fires(FaultKind::kCrash, "f"));
}

TEST(FaultsTest, ARateFiresThatOftenAndAtMostCountTimes) {
  Faults faults(1);
  ASSERT_FALSE(faults.Add({{"kind", "throttle"}, {"rate", 0.25}}).has_error());
  int fired = 0;
  for (int i = 0; i < 10'000; ++i) fired += faults.Fires(FaultKind::kThrottle, "f") ? 1 : 0;
  EXPECT_NEAR(fired, 2500, 200);
  faults.Clear();
  EXPECT_FALSE(faults.any());
  ASSERT_FALSE(faults.Add({{"kind", "throttle"}, {"rate", 1}, {"count", 7}}).has_error());
  fired = 0;
  for (int i = 0; i < 100; ++i) fired += faults.Fires(FaultKind::kThrottle, "f") ? 1 : 0;
  EXPECT_EQ(fired, 7);
  EXPECT_EQ(faults.ToJson().dump(),
            R"([{"count":7,"fired":7,"kind":"throttle","rate":1.0,"seen":100}])");
}

TEST(FaultsTest, TheLongestDelayOfThoseThatFireApplies) {
  Faults faults(1);
  ASSERT_FALSE(faults.Add({{"kind", "delay"}, {"rate", 1}, {"delay_ms", 20}}).has_error());
  ASSERT_FALSE(faults.Add({{"kind", "delay"}, {"at", 2}, {"delay_ms", 500}}).has_error());
  EXPECT_EQ(faults.Fires(FaultKind::kDelay, "f"), Duration(std::chrono::milliseconds(20)));
  EXPECT_EQ(faults.Fires(FaultKind::kDelay, "f"), Duration(std::chrono::milliseconds(500)));
}

TEST(FaultsTest, ClearTurnsAllOff) {
  Faults faults(1);
  ASSERT_FALSE(faults.Add({{"kind", "delay"}, {"rate", 1}, {"delay_ms", 20}}).has_error());
  ASSERT_FALSE(faults.Add({{"kind", "clear"}}).has_error());
  EXPECT_FALSE(faults.any());
}

TEST(FaultsTest, BadFaultsAreRefusedByField) {
  EXPECT_EQ(ErrorOf({{"kind", "crsh"}, {"at", 1}}),
            "fault: unknown kind 'crsh'; did you mean 'crash'?");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"att", 1}}),
            "fault: unknown field 'att'; did you mean 'at'?");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}}), "fault: exactly one of 'rate' and 'at' is needed");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"at", 1}, {"rate", 1}}),
            "fault: exactly one of 'rate' and 'at' is needed");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"at", 0}}), "fault: 'at' must be a whole number from 1");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"at", -1}}), "fault: 'at' must be a whole number from 1");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"rate", 1.5}}),
            "fault: 'rate' must be a number from 0 to 1");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"rate", 1}, {"delay_ms", 3}}),
            "fault: 'delay_ms' has no meaning for 'crash'");
  EXPECT_EQ(ErrorOf({{"kind", "stall"}, {"at", 1}}), "fault: 'stall' needs 'delay_ms'");
  EXPECT_EQ(ErrorOf({{"kind", "crash"}, {"at", 1}, {"count", 2}}),
            "fault: 'count' belongs to 'rate'; 'at' fires once");
  EXPECT_EQ(ErrorOf({{"kind", "clear"}, {"at", 1}}), "fault: 'clear' takes no other field");
  EXPECT_EQ(ErrorOf(nlohmann::json::array()), "fault: must be an object with a kind");
  EXPECT_EQ(ErrorOf({{"kind", 5}}), "fault: 'kind' must be a text");
}

TEST(FaultsTest, ASlowInitNeedsItsDelay) {
  EXPECT_EQ(ErrorOf({{"kind", "slow_init"}, {"rate", 1}}), "fault: 'slow_init' needs 'delay_ms'");
  EXPECT_EQ(ErrorOf({{"kind", "slow_init"}, {"at", 2}, {"delay_ms", 3000}}), "");
  EXPECT_EQ(ErrorOf({{"kind", "slow_int"}, {"at", 2}}),
            "fault: unknown kind 'slow_int'; did you mean 'slow_init'?");
}

}  // namespace
}  // namespace kless
