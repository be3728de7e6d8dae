#include "emulator/dynamodb/model/decimal.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "emulator/base/random.h"

namespace kless {
namespace {

Decimal Number(const std::string& text) {
  const auto number = Decimal::Parse(text);
  EXPECT_TRUE(number.has_value()) << text;
  return number.has_value() ? number.value() : Decimal();
}

std::string Encode(const std::string& text) { return Number(text).ToKeyBytes(); }

std::string DecodeNumber(const std::string& bytes) {
  const auto number = Decimal::FromKeyBytes(bytes);
  return number ? number->ToText() : std::string();
}

TEST(DecimalTest, BytesOrderAsTheNumbersDo) {
  const std::vector<std::string> ascending = {
      "-9.9999999999999999999999999999999999999e125",
      "-1e125",
      "-12345678901234567890123456789012345678",
      "-100",
      "-99.5",
      "-12",
      "-11",
      "-10.0001",
      "-10",
      "-5.0001",
      "-5",
      "-1",
      "-0.1",
      "-0.01",
      "-1e-130",
      "0",
      "1e-130",
      "0.00001",
      "0.1",
      "0.11",
      "0.5",
      "0.5001",
      "1",
      "9",
      "10",
      "10.0001",
      "11",
      "99.99",
      "100",
      "1e38",
      "9.9999999999999999999999999999999999999e125",
  };
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(Encode(ascending[i - 1]), Encode(ascending[i])) << ascending[i];
  }
}

TEST(DecimalTest, EqualNumbersAreEqualBytesAndDecodeNormalised) {
  const std::vector<std::pair<std::string, std::string>> spellings = {
      {"1e3", "1000"},
      {"0.10", "0.1"},
      {"-0", "0"},
      {"+3", "3"},
      {"007", "7"},
      {"1.0", "1"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-12.50E-1", "-1.25"},
      {"0e999", "0"},
      {"100e-2", "1"},
      {"0.000", "0"},
      {"123.456e+3", "123456"},
  };
  for (const auto& [spelling, normal] : spellings) {
    EXPECT_EQ(DecodeNumber(Encode(spelling)), normal) << spelling;
    EXPECT_EQ(Encode(spelling), Encode(normal)) << spelling;
  }
}

TEST(DecimalTest, NonNumbersAndNumbersOutOfRangeAreInvalid) {
  for (const char* text : {"", "-", "abc", "1a", "1e", "1e+", "1..2", "0x10", " 1", "1 ", "NaN",
                           "Infinity", "--1", "."}) {
    const auto bytes = Decimal::Parse(text);
    ASSERT_TRUE(bytes.has_error()) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_NE(Decimal::Parse("123456789012345678901234567890123456789").error().message.find("38"),
            std::string::npos);
  EXPECT_NE(Decimal::Parse("1e126").error().message.find("overflow"), std::string::npos);
  EXPECT_NE(Decimal::Parse("-1e99999999999999999999").error().message.find("overflow"),
            std::string::npos);
  EXPECT_NE(Decimal::Parse("1e-131").error().message.find("underflow"), std::string::npos);
  // Zeros at either end are not significant digits.
  EXPECT_TRUE(Decimal::Parse("1" + std::string(60, '0')).has_value());
  EXPECT_TRUE(Decimal::Parse("0." + std::string(60, '0') + "1").has_value());
}

// Numbers that are close together, compared as text by an independent rule.
TEST(DecimalTest, RandomNumbersRoundTripAndOrderNumerically) {
  Random random(7, "key-number");
  struct Sample {
    std::string text;
    long long scaled = 0;  // times 1e6
  };
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) {
    const auto scaled = static_cast<long long>(random.Below(1'000'000'000)) *
                        (random.Below(2) == 0 ? 1 : -1) / (1LL << (4 * random.Below(7)));
    const long long magnitude = scaled < 0 ? -scaled : scaled;
    std::string fraction = std::to_string(1'000'000 + magnitude % 1'000'000).substr(1);
    samples.push_back(
        {(scaled < 0 ? "-" : "") + std::to_string(magnitude / 1'000'000) + "." + fraction, scaled});
  }
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample& a = samples[i - 1];
    const Sample& b = samples[i];
    EXPECT_EQ(Encode(a.text) < Encode(b.text), a.scaled < b.scaled) << a.text << " " << b.text;
    EXPECT_EQ(Number(a.text) < Number(b.text), a.scaled < b.scaled) << a.text << " " << b.text;
    const auto sum = Add(Number(a.text), Number(b.text));
    ASSERT_TRUE(sum.has_value());
    EXPECT_EQ(Subtract(sum.value(), Number(b.text)).value(), Number(a.text));
    const std::string normal = DecodeNumber(Encode(a.text));
    EXPECT_EQ(Encode(normal), Encode(a.text)) << a.text;
    EXPECT_EQ(std::stod(normal), std::stod(a.text)) << a.text;
  }
}

TEST(DecimalTest, DecodingForeignBytesGivesNothing) {
  for (const std::string& bytes :
       {std::string(), std::string("\x02"), std::string("\x02\x80", 2), std::string("abc"),
        std::string("\x02\x80\xff", 3), std::string("\x00\x01", 2)}) {
    EXPECT_EQ(DecodeNumber(bytes), "");
  }
}

TEST(DecimalTest, SumsAreExact) {
  const auto sum = [](const std::string& a, const std::string& b) {
    const auto result = Add(Number(a), Number(b));
    return result.has_value() ? result.value().ToText() : result.error().message;
  };
  const auto difference = [](const std::string& a, const std::string& b) {
    const auto result = Subtract(Number(a), Number(b));
    return result.has_value() ? result.value().ToText() : result.error().message;
  };
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("1", "-1"), "0");
  EXPECT_EQ(sum("99", "1"), "100");
  EXPECT_EQ(sum("-5", "3"), "-2");
  EXPECT_EQ(sum("3", "-5"), "-2");
  EXPECT_EQ(difference("0", "7"), "-7");
  EXPECT_EQ(difference("7", "0"), "7");
  EXPECT_EQ(difference("0", "0"), "0");
  EXPECT_EQ(sum("1e125", "1e125"), "2" + std::string(125, '0'));
  const std::string nines(38, '9');
  EXPECT_EQ(sum(nines, "1"), "1" + std::string(38, '0'));
  EXPECT_EQ(difference("1" + std::string(38, '0'), "1"), nines);
  EXPECT_EQ(difference("1.1e38", nines), "10000000000000000000000000000000000001");
  EXPECT_EQ(sum("1e-130", "1e-130"), "0." + std::string(129, '0') + "2");
}

TEST(DecimalTest, SumsThatDoNotFitAreRefused) {
  const auto message = [](const std::string& a, const std::string& b) {
    const auto result = Add(Number(a), Number(b));
    return result.has_error() ? result.error().message : result.value().ToText();
  };
  EXPECT_NE(message("9e125", "9e125").find("overflow"), std::string::npos);
  EXPECT_NE(message("1.1e-130", "-1e-130").find("underflow"), std::string::npos);
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"1e38", "1"},
           {"1e125", "1e-130"},
           {"2e38", "-1"},
           {"1e39", "-1"},
           {std::string(38, '9'), "0.1"},
           {"9e37", "0.1"},
       }) {
    EXPECT_NE(message(a, b).find("Number overflow"), std::string::npos) << a << " " << b;
  }
}

TEST(DecimalTest, StoredBytesCountPairsOfDigitsFromThePoint) {
  EXPECT_EQ(Number("0").StoredBytes(), 1u);
  EXPECT_EQ(Number("5").StoredBytes(), 2u);
  EXPECT_EQ(Number("-5").StoredBytes(), 3u);
  EXPECT_EQ(Number("12").StoredBytes(), 2u);
  EXPECT_EQ(Number("120").StoredBytes(), 3u);  // 1 20
  EXPECT_EQ(Number("1200").StoredBytes(), 2u);
  EXPECT_EQ(Number("1.2").StoredBytes(), 3u);  // 1 . 20
  EXPECT_EQ(Number("12345678901234567890123456789012345678").StoredBytes(), 20u);
}

}  // namespace
}  // namespace kless
