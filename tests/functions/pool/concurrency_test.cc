#include "functions/pool/concurrency.h"

#include <gtest/gtest.h>

namespace kless {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ScaleUpRateTest, HoldsOneBurstAndRefillsContinuously) {
  ScaleUpRate rate(1000);
  int taken = 0;
  while (rate.TryTake(TimePoint{})) ++taken;
  EXPECT_EQ(taken, 1000);
  EXPECT_FALSE(rate.TryTake(TimePoint(milliseconds(9))));
  EXPECT_TRUE(rate.TryTake(TimePoint(milliseconds(10))));
  EXPECT_FALSE(rate.TryTake(TimePoint(milliseconds(19))));
  taken = 0;
  while (rate.TryTake(TimePoint(seconds(1000)))) ++taken;
  EXPECT_EQ(taken, 1000) << "what is not used is not saved up";
}

TEST(ScaleUpRateTest, ASmallerRateKeepsNoMoreThanItsBurst) {
  ScaleUpRate rate(1000);
  rate.SetRate(3, TimePoint{});
  int taken = 0;
  while (rate.TryTake(TimePoint{})) ++taken;
  EXPECT_EQ(taken, 3);
}

TEST(AccountConcurrencyTest, GuaranteesAreKeptFreeAndTheRestIsShared) {
  AccountConcurrency account(10);
  ConcurrencyShare reserved, provisioned, plain;
  account.Change(reserved, 3, 0);
  account.Change(provisioned, std::nullopt, 2);
  account.Change(plain, std::nullopt, 0);
  EXPECT_EQ(account.Ceiling(plain), 5);
  EXPECT_EQ(account.Ceiling(provisioned), 7);
  EXPECT_EQ(account.Ceiling(reserved), 3);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(account.MayStart(plain));
    account.Start(plain);
  }
  EXPECT_FALSE(account.MayStart(plain));
  account.Start(provisioned);
  EXPECT_TRUE(account.MayStart(provisioned));
  account.Start(provisioned);
  EXPECT_FALSE(account.MayStart(provisioned));
  account.End(plain);
  EXPECT_TRUE(account.MayStart(provisioned));
  EXPECT_TRUE(account.MayStart(reserved));
  EXPECT_EQ(account.in_flight(), 6);
}

TEST(AccountConcurrencyTest, AChangeWhileBusyKeepsTheBooks) {
  AccountConcurrency account(4);
  ConcurrencyShare one, other;
  account.Change(one, std::nullopt, 0);
  account.Change(other, std::nullopt, 0);
  for (int i = 0; i < 4; ++i) account.Start(one);
  account.Change(one, 3, 0);
  EXPECT_FALSE(account.MayStart(one));
  EXPECT_TRUE(account.MayStart(other)) << "one is left beside the reservation";
  account.Change(one, std::nullopt, 0);
  EXPECT_FALSE(account.MayStart(other));
  for (int i = 0; i < 4; ++i) account.End(one);
  EXPECT_EQ(account.in_flight(), 0);
  EXPECT_TRUE(account.MayStart(other));
}

}  // namespace
}  // namespace kless
