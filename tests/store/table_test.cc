#include "store/table.h"

#include <gtest/gtest.h>

#include <string>

namespace kless {
namespace {

TEST(KeyValueTest, StringKeysHaveALengthOfOneToTheLimit) {
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, "", true).has_error());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, std::string(2048, 'a'), true).has_value());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kString, std::string(2049, 'a'), true).has_error());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kBinary, std::string(1024, '\0'), false).has_value());
  EXPECT_TRUE(EncodeKeyValue(KeyType::kBinary, std::string(1025, '\0'), false).has_error());
}

TEST(KeyValueTest, NumbersComeBackNormalised) {
  const auto bytes = EncodeKeyValue(KeyType::kNumber, "1e2", true);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(DecodeKeyValue(KeyType::kNumber, bytes.value()), "100");
  EXPECT_EQ(DecodeKeyValue(KeyType::kNumber, "abc"), "");
  EXPECT_TRUE(EncodeKeyValue(KeyType::kNumber, "abc", true).has_error());
}

}  // namespace
}  // namespace kless
