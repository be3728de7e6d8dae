#include "emulator/dynamodb/encryption.h"

#include <gtest/gtest.h>

namespace kless::dynamodb {
namespace {

const Scope kScope{"000000000000", "us-east-1"};

std::string KeyArn(const Scope& scope, const std::string& kms_key) {
  return EncryptionOf(scope, {true, true, kms_key}).key_arn;
}

TEST(EncryptionTest, WithoutEncryptionTheKeyIsOneOfAws) {
  EXPECT_EQ(EncryptionOf(kScope, {false, false, "abcd"}), Encryption{});
}

TEST(EncryptionTest, TablesOfAnAccountAndRegionShareTheKeyThatAwsManages) {
  const std::string managed = KeyArn(kScope, "");
  EXPECT_TRUE(managed.starts_with("arn:aws:kms:us-east-1:000000000000:key/")) << managed;
  EXPECT_EQ(KeyArn(kScope, "alias/aws/dynamodb"), managed);
  EXPECT_EQ(KeyArn(kScope, "arn:aws:kms:us-east-1:000000000000:alias/aws/dynamodb"), managed);
  EXPECT_NE(KeyArn({"000000000000", "eu-west-1"}, ""), managed);
  EXPECT_NE(KeyArn(kScope, "alias/mine"), managed);
}

TEST(EncryptionTest, AKeyIsNamedByItsIdOrArn) {
  EXPECT_EQ(KeyArn(kScope, "abcd"), "arn:aws:kms:us-east-1:000000000000:key/abcd");
  EXPECT_EQ(KeyArn(kScope, "arn:aws:kms:eu-west-1:111122223333:key/abcd"),
            "arn:aws:kms:eu-west-1:111122223333:key/abcd");
}

}  // namespace
}  // namespace kless::dynamodb
