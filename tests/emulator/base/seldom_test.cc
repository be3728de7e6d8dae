#include "emulator/base/seldom.h"

#include <gtest/gtest.h>

namespace kless {
namespace {

TEST(SeldomTest, TheFirstOccasionIsDueAndThenOneAMinuteWithTheCountOfTheOthers) {
  Seldom seldom;
  const TimePoint start{};
  EXPECT_EQ(seldom.Due(start), 0U);
  EXPECT_EQ(seldom.Due(start + std::chrono::seconds(1)), std::nullopt);
  EXPECT_EQ(seldom.Due(start + std::chrono::seconds(59)), std::nullopt);
  EXPECT_EQ(seldom.Due(start + std::chrono::minutes(1)), 2U);
  EXPECT_EQ(seldom.Due(start + std::chrono::minutes(3)), 0U);
  EXPECT_EQ(LeftOutText(0), "");
  EXPECT_EQ(LeftOutText(2), " (and 2 times since the last such line)");
}

}  // namespace
}  // namespace kless
