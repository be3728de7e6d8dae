#include "emulator/base/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kless::experiment {
namespace {

TEST(NumberTextTest, NumbersHaveNineSignificantDigits) {
  EXPECT_EQ(FormatNumber(3.29), "3.29");
  EXPECT_EQ(FormatNumber(1.0 / 3), "0.333333333");
  EXPECT_EQ(FormatNumber(0.1 + 0.2), "0.3");
  EXPECT_EQ(FormatNumber(1e-7), "1e-07");
  EXPECT_EQ(FormatNumber(-0.0), "0");
  EXPECT_EQ(FormatNumber(std::nan("")), "");
  EXPECT_EQ(RoundNumber(0.1 + 0.2), 0.3);
  EXPECT_EQ(RoundNumber(std::numeric_limits<double>::infinity()), 0);
  EXPECT_FALSE(std::signbit(RoundNumber(-0.0)));
}

TEST(NumberTextTest, TimesAreExact) {
  EXPECT_EQ(FormatSeconds(450'000'000), "0.45");
  EXPECT_EQ(FormatSeconds(12'000'000'001), "12.000000001");
  EXPECT_EQ(FormatSeconds(-1), "-0.000000001");
  EXPECT_EQ(FormatSeconds(0), "0");
  EXPECT_EQ(FormatSeconds(std::numeric_limits<std::int64_t>::min()), "-9223372036.854775808");
  EXPECT_EQ(FormatMicroseconds(1'500), "1.5");
}

TEST(NumberTextTest, PeopleReadFourDigitsWithoutExponent) {
  EXPECT_EQ(FormatShort(6.4599999), "6.46");
  EXPECT_EQ(FormatShort(12345.6), "12346");
  EXPECT_EQ(FormatShort(0.00012345), "0.0001234");
  EXPECT_EQ(FormatShort(1234.5, 3), "1234");
  EXPECT_EQ(FormatShort(0.00002828), "0.00002828");
  EXPECT_EQ(FormatShort(-0.000051), "-0.000051");
  EXPECT_EQ(FormatShort(0.0000996, 2), "0.0001");
  EXPECT_EQ(FormatShort(0), "0");
  EXPECT_EQ(FormatShort(std::nullopt), "");
  EXPECT_EQ(FormatPercent(0.0123), "+1.2 %");
  EXPECT_EQ(FormatPercent(-0.0001), "+0.0 %");
}

}  // namespace
}  // namespace kless::experiment
