#include "emulator/processes/memory_use.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "emulator/base/system/process.h"

namespace kless::processes {
namespace {

TEST(MemoryUseTest, ATreeHasTheProcessAndItsDescendants) {
  const pid_t self = getpid();
  SpawnPlan plan;
  plan.arguments = {"sh", "-c", "sleep 100 & echo started; wait"};
  Pipe output;
  ASSERT_TRUE(output.ok());
  plan.output = output.write_end();
  plan.group = 0;
  const pid_t shell = StartProcess(plan).value();
  char byte = 0;
  ASSERT_EQ(read(output.read_end(), &byte, 1), 1);  // The shell has started its child.
  const auto tree = TreeOf(shell);
  EXPECT_EQ(tree.size(), 2U);
  const auto own = TreeOf(self);
  EXPECT_EQ(own.front(), self);
  EXPECT_NE(std::find(own.begin(), own.end(), tree.back()), own.end());
  EXPECT_GT(ResidentBytes(own), ResidentBytes({self}));
  kill(-shell, SIGKILL);
  WaitForExit(shell);
}

TEST(MemoryUseTest, AProcessThatIsGoneUsesNothing) {
  SpawnPlan plan;
  plan.arguments = {"true"};
  const pid_t process = StartProcess(plan).value();
  WaitForExit(process);
  EXPECT_EQ(ResidentBytes(TreeOf(process)), 0);
}

}  // namespace
}  // namespace kless::processes
