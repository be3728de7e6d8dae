#include "emulator/control_planes/classic/token_bucket.h"

#include <gtest/gtest.h>

namespace kless::control_planes {
namespace {

using std::chrono::milliseconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

TEST(TokenBucketTest, ABurstPassesAtOnceThenOneEveryInterval) {
  TokenBucket bucket(20, 30);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(bucket.Reserve(At(0)), At(0)) << i;
  EXPECT_EQ(bucket.Reserve(At(0)), At(50));
  EXPECT_EQ(bucket.Reserve(At(0)), At(100));
}

TEST(TokenBucketTest, WhoAsksLaterWaitsBehindWhoAskedEarlier) {
  TokenBucket bucket(10, 1);
  EXPECT_EQ(bucket.Reserve(At(0)), At(0));
  EXPECT_EQ(bucket.Reserve(At(1)), At(100));
  EXPECT_EQ(bucket.Reserve(At(2)), At(200));
  EXPECT_EQ(bucket.Reserve(At(150)), At(300)) << "the token of 200 ms is reserved";
}

TEST(TokenBucketTest, TokensAreSavedUpToTheBurstAndNoFurther) {
  TokenBucket bucket(10, 2);
  bucket.Reserve(At(0));
  bucket.Reserve(At(0));
  EXPECT_EQ(bucket.Reserve(At(60'000)), At(60'000));
  EXPECT_EQ(bucket.Reserve(At(60'000)), At(60'000));
  EXPECT_EQ(bucket.Reserve(At(60'000)), At(60'100));
}

TEST(TokenBucketTest, NoRateIsNoLimit) {
  TokenBucket bucket(0, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.Reserve(At(7)), At(7));
}

}  // namespace
}  // namespace kless::control_planes
