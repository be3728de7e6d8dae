#include "emulator/base/strings.h"

#include <gtest/gtest.h>

namespace kless {
namespace {

TEST(StringsTest, TimesSurviveTheRoundTrip) {
  const std::int64_t nanos = 1'767'225'600'123'456'000;
  EXPECT_EQ(FormatTime(nanos), "2026-01-01T00:00:00Z");
  EXPECT_EQ(FormatMicroTime(nanos), "2026-01-01T00:00:00.123456Z");
  EXPECT_EQ(ParseTime("2026-01-01T00:00:00.123456Z"), nanos);
  EXPECT_EQ(ParseTime("2026-01-01T02:00:00+02:00"), ParseTime("2026-01-01T00:00:00Z"));
  // Years beyond the range of 64-bit nanoseconds.
  EXPECT_EQ(ParseTime("9999-12-31T23:59:59Z"), 7'000'000'000'000'000'000);
  EXPECT_EQ(ParseTime("0001-01-01T00:00:00Z"), -7'000'000'000'000'000'000);
  for (const char* bad : {"", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00",
                          "2026-01-01T25:00:00Z", "x026-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseTime(bad), std::nullopt) << bad;
  }
}

TEST(StringsTest, TheNearestWordIsFoundOnlyIfItIsNear) {
  EXPECT_EQ(NearestWord("memroy_mb", {"memory_mb", "timeout_ms"}), "memory_mb");
  EXPECT_EQ(NearestWord("memory", {"timeout_ms", "memory_mb"}), "memory_mb");
  EXPECT_EQ(NearestWord("zzz", {"memory_mb", "timeout_ms"}), std::nullopt);
}

TEST(StringsTest, AWordIsQuotedAsAShellReadsIt) {
  EXPECT_EQ(ShellWord("configs/jobs/pi.yaml"), "configs/jobs/pi.yaml");
  EXPECT_EQ(ShellWord("--set=a,b:c@d+50%"), "--set=a,b:c@d+50%");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("two words"), "'two words'");
  EXPECT_EQ(ShellWord("it's"), R"('it'\''s')");
  for (const std::string word : {"$HOME", "~", "#x", "!x", "a{b,c}", "[a]", "a\\b", "a\nb", "ü"}) {
    EXPECT_EQ(ShellWord(word), "'" + word + "'");
  }
}

TEST(StringsTest, HashesAndBase64AreTheStandardOnes) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Decode("Zm9vYg=="), "foob");
  EXPECT_EQ(Base64Decode("Zm9"), std::nullopt);
}

TEST(StringsTest, HexadecimalIsLowercaseAndHasLeadingZeros) {
  EXPECT_EQ(HexEncode(std::string_view("\0\x7f\xff", 3)), "007fff");
  EXPECT_EQ(HexDigits(0x1abcULL), "0000000000001abc");
  EXPECT_EQ(HexDigits(~std::uint64_t{0}), "ffffffffffffffff");
}

TEST(StringsTest, TrimTakesBlanksFromBothEnds) {
  EXPECT_EQ(Trim("\t a b \t"), "a b");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(Trim(""), "");
  EXPECT_EQ(Trim("\ta ", " "), "\ta");
}

TEST(StringsTest, NumbersAreDigitsOnly) {
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(ParseUnsigned("18446744073709551616"), std::nullopt);
  EXPECT_EQ(ParseUnsigned("-1"), std::nullopt);
  EXPECT_EQ(ParseInteger("-12"), -12);
  EXPECT_EQ(ParseInteger("1x"), std::nullopt);
}

}  // namespace
}  // namespace kless
