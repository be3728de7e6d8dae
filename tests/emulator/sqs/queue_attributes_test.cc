#include "emulator/sqs/queue_attributes.h"

#include <gtest/gtest.h>

namespace kless::sqs {
namespace {

TEST(QueueAttributesTest, DefaultsAreThoseOfSqs) {
  const QueueAttributes attributes;
  EXPECT_EQ(attributes.delay_seconds(), 0);
  EXPECT_EQ(attributes.bytes_max(), 1'048'576);
  EXPECT_EQ(attributes.retention_seconds(), 345'600);
  EXPECT_EQ(attributes.visibility_seconds(), 30);
  EXPECT_FALSE(attributes.Shown(false).contains("FifoQueue"));
  EXPECT_EQ(attributes.Shown(true).at("DeduplicationScope"), "queue");
}

TEST(QueueAttributesTest, NothingIsSetIfOneValueIsRefused) {
  QueueAttributes attributes;
  EXPECT_TRUE(
      attributes.Set({{"DelaySeconds", "5"}, {"VisibilityTimeout", "x"}}, false).has_error());
  EXPECT_EQ(attributes.delay_seconds(), 0);
  EXPECT_TRUE(
      attributes.Set({{"DelaySeconds", "900"}, {"VisibilityTimeout", "0"}}, false).has_value());
  EXPECT_EQ(attributes.delay_seconds(), 900);
}

TEST(QueueAttributesTest, AttributesOfFifoQueuesBelongToThem) {
  QueueAttributes attributes;
  EXPECT_EQ(attributes.Set({{"ContentBasedDeduplication", "true"}}, false).error().message,
            "Unknown Attribute ContentBasedDeduplication.");
  EXPECT_EQ(attributes.Set({{"FifoThroughputLimit", "perQueue"}}, false).error().message,
            "You can specify the FifoThroughputLimit only when FifoQueue is set to true.");
  EXPECT_TRUE(attributes.Set({{"ContentBasedDeduplication", "true"}}, true).has_value());
}

TEST(QueueAttributesTest, ARedrivePolicyTakesItsCountAsNumberOrText) {
  for (const char* const count : {"3", "\"3\""}) {
    const auto policy = ParseRedrivePolicy(
        std::string(R"({"deadLetterTargetArn":"arn:aws:sqs:r:a:d","maxReceiveCount":)") + count +
        "}");
    EXPECT_EQ(policy.value().receives_max, 3);
  }
  EXPECT_TRUE(ParseRedrivePolicy("[]").has_error());
}

TEST(QueueAttributesTest, AnEmptyPolicyTakesItAway) {
  QueueAttributes attributes;
  const std::string policy = R"({"deadLetterTargetArn":"arn:d","maxReceiveCount":1})";
  EXPECT_TRUE(attributes.Set({{"RedrivePolicy", policy}}, false).has_value());
  EXPECT_EQ(attributes.redrive().target, "arn:d");
  EXPECT_TRUE(attributes.Set({{"RedrivePolicy", ""}}, false).has_value());
  EXPECT_EQ(attributes.redrive().target, "");
}

TEST(QueueAttributesTest, TheAllowPolicyNamesTheSources) {
  QueueAttributes attributes;
  EXPECT_TRUE(attributes.AllowsSource("arn:a"));
  EXPECT_TRUE(attributes
                  .Set({{"RedriveAllowPolicy",
                         R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:a"]})"}},
                       false)
                  .has_value());
  EXPECT_TRUE(attributes.AllowsSource("arn:a"));
  EXPECT_FALSE(attributes.AllowsSource("arn:b"));
  EXPECT_TRUE(attributes.Set({{"RedriveAllowPolicy", R"({"redrivePermission":"byQueue"})"}}, false)
                  .has_error());
}

}  // namespace
}  // namespace kless::sqs
