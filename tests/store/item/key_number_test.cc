#include "store/item/key_number.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "store/table.h"

namespace kless {
namespace {

std::string Encode(const std::string& text) {
  const auto bytes = EncodeNumber(text);
  EXPECT_TRUE(bytes.has_value()) << text;
  return bytes.has_value() ? bytes.value() : std::string();
}

TEST(KeyNumberTest, BytesOrderAsTheNumbersDo) {
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

TEST(KeyNumberTest, EqualNumbersAreEqualBytesAndDecodeNormalised) {
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

TEST(KeyNumberTest, NonNumbersAndNumbersOutOfRangeAreInvalid) {
  for (const char* text : {"", "-", "abc", "1a", "1e", "1e+", "1..2", "0x10", " 1", "1 ", "NaN",
                           "Infinity", "--1", "."}) {
    const auto bytes = EncodeNumber(text);
    ASSERT_TRUE(bytes.has_error()) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_NE(EncodeNumber("123456789012345678901234567890123456789").error().message.find("38"),
            std::string::npos);
  EXPECT_NE(EncodeNumber("1e126").error().message.find("overflow"), std::string::npos);
  EXPECT_NE(EncodeNumber("-1e99999999999999999999").error().message.find("overflow"),
            std::string::npos);
  EXPECT_NE(EncodeNumber("1e-131").error().message.find("underflow"), std::string::npos);
  // Zeros at either end are not significant digits.
  EXPECT_TRUE(EncodeNumber("1" + std::string(60, '0')).has_value());
  EXPECT_TRUE(EncodeNumber("0." + std::string(60, '0') + "1").has_value());
}

// Numbers that are close together, compared as text by an independent rule.
TEST(KeyNumberTest, RandomNumbersRoundTripAndOrderNumerically) {
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
    const std::string normal = DecodeNumber(Encode(a.text));
    EXPECT_EQ(Encode(normal), Encode(a.text)) << a.text;
    EXPECT_EQ(std::stod(normal), std::stod(a.text)) << a.text;
  }
}

TEST(KeyNumberTest, DecodingForeignBytesGivesNothing) {
  for (const std::string& bytes :
       {std::string(), std::string("\x02"), std::string("\x02\x80", 2), std::string("abc"),
        std::string("\x02\x80\xff", 3), std::string("\x00\x01", 2)}) {
    EXPECT_EQ(DecodeNumber(bytes), "");
  }
}

TEST(KeyValueTest, StringKeysHaveALengthOfOneToTheLimit) {
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, "", true).has_error());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, std::string(2048, 'a'), true).has_value());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, std::string(2049, 'a'), true).has_error());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kBinary, std::string(1024, '\0'), false).has_value());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kBinary, std::string(1025, '\0'), false).has_error());
  EXPECT_EQ(DecodeKeyValue(KeyType::kNumber, Encode("1e2")), "100");
}

}  // namespace
}  // namespace kless
