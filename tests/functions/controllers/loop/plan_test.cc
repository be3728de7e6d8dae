#include "functions/controllers/loop/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SlowStartTest, BatchesDoubleUntilAllAreTried) {
  EXPECT_THAT(SlowStartBatches(0), IsEmpty());
  EXPECT_THAT(SlowStartBatches(1), ElementsAre(1));
  EXPECT_THAT(SlowStartBatches(10), ElementsAre(1, 2, 4, 3));
}

}  // namespace
}  // namespace kless::controllers
