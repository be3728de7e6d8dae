#include "emulator/base/error.h"

#include <gtest/gtest.h>

namespace kless {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return MakeError(ErrorCode::kInternal, std::to_string(number) + " is odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  KLESS_TRY(const int half, Half(number));
  KLESS_TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> CheckQuarter(int number) {
  KLESS_TRY_VOID(Quarter(number));
  return {};
}

TEST(ErrorTest, AnErrorNamesThePlaceThatMadeItHoweverFarItWasPassedOn) {
  const auto checked = CheckQuarter(6);
  ASSERT_TRUE(checked.has_error());
  EXPECT_EQ(checked.error().message, "3 is odd");
  EXPECT_EQ(PlaceOf(checked.error()), "tests/emulator/base/error_test.cc:9");
  EXPECT_EQ(LogText(checked.error()), "3 is odd (tests/emulator/base/error_test.cc:9)");
}

TEST(ErrorTest, OnlyInternalErrorsShowTheirPlaceInALog) {
  EXPECT_EQ(LogText(MakeError(ErrorCode::kNotFound, "there is no pod a")), "there is no pod a");
}

TEST(ErrorTest, ATryGivesTheValue) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_TRUE(CheckQuarter(8).has_value());
}

}  // namespace
}  // namespace kless
