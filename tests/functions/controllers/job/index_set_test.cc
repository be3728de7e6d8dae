#include "functions/controllers/job/index_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(IndexSetTest, D3_NeighboursHaveACommaAndLongerRunsADash) {
  IndexSet set;
  set.Add({0, 2, 3, 4, 6});
  EXPECT_EQ(set.ToString(), "0,2-4,6");
  set.Add({7});
  EXPECT_EQ(set.ToString(), "0,2-4,6,7");
  set.Add({5, 1, 1});
  EXPECT_EQ(set.ToString(), "0-7");
  EXPECT_EQ(set.Count(), 8);
}

TEST(IndexSetTest, ParsesWhatItWrites) {
  for (const char* text : {"", "0", "0,1", "1-3", "0,2-4,6,8-99999"}) {
    EXPECT_EQ(IndexSet::Parse(text, 100000).ToString(), text);
  }
  const IndexSet set = IndexSet::Parse("1-3,7", 10);
  EXPECT_FALSE(set.Contains(0));
  EXPECT_TRUE(set.Contains(2));
  EXPECT_TRUE(set.Contains(7));
  EXPECT_FALSE(set.Contains(8));
}

TEST(IndexSetTest, D17_LeavesOutIndexesBeyondCompletions) {
  EXPECT_EQ(IndexSet::Parse("0,2-4", 3).ToString(), "0,2");
  EXPECT_EQ(IndexSet::Parse("4", 3).ToString(), "");
}

TEST(IndexSetTest, WhatIsMalformedEndsTheSet) {
  for (const char* text : {"x", "-", "1-", "-1", "3-1", "99999999999999999999"}) {
    EXPECT_EQ(IndexSet::Parse(text, 100).ToString(), "") << text;
  }
  EXPECT_EQ(IndexSet::Parse("1,x,5", 100).ToString(), "1");
  EXPECT_EQ(IndexSet::Parse("5,1", 100).ToString(), "5");
}

TEST(IndexSetTest, C16_FirstFreeSkipsTheSetAndTheTaken) {
  const IndexSet set = IndexSet::Parse("0,2-4", 10);
  EXPECT_THAT(set.FirstFree(3, 10, {1, 6}), ElementsAre(5, 7, 8));
  EXPECT_THAT(set.FirstFree(9, 6, {}), ElementsAre(1, 5));
  EXPECT_THAT(set.FirstFree(0, 6, {}), IsEmpty());
  // A huge number of completions is cheap.
  EXPECT_THAT(IndexSet::Parse("0-1999999998", 2000000000).FirstFree(2, 2000000000, {}),
              ElementsAre(1999999999));
}

}  // namespace
}  // namespace kless::controllers
