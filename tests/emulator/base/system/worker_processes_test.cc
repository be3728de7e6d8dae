#include "emulator/base/system/worker_processes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace kless {
namespace {

TEST(WorkerProcessesTest, ResultsComeInTheOrderOfTheTasksWhateverTheNumberOfProcesses) {
  for (const int processes : {1, 2, 7}) {
    std::size_t done = 0;
    const auto results = RunInProcesses(
        20, processes,
        [](std::size_t i) -> Result<std::string> {
          return std::string(i * 20'000, 'x') + std::to_string(i);  // more than a pipe holds
        },
        [&](std::size_t) { ++done; }, nullptr);
    ASSERT_TRUE(results.has_value());
    EXPECT_EQ(done, 20u);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(results.value()[i].substr(i * 20'000), std::to_string(i));
    }
  }
}

TEST(WorkerProcessesTest, AnErrorAnExceptionAndADeathAreErrors) {
  const auto run = [](const std::function<Result<std::string>(std::size_t)>& task) {
    return RunInProcesses(3, 2, task, nullptr, nullptr).error();
  };
  EXPECT_EQ(run([](std::size_t i) -> Result<std::string> {
              if (i == 1) return MakeError(ErrorCode::kNotFound, "no trace");
              return std::string();
            }).message,
            "no trace");
  EXPECT_EQ(
      run([](std::size_t) -> Result<std::string> { throw std::runtime_error("broken"); }).message,
      "broken");
  EXPECT_NE(run([](std::size_t) -> Result<std::string> {
              std::_Exit(9);
            }).message.find("ended without a result"),
            std::string::npos);
}

TEST(WorkerProcessesTest, AnInterruptEndsTheChildren) {
  const auto results = RunInProcesses(
      2, 2,
      [](std::size_t) -> Result<std::string> {
        for (;;) {
        }
      },
      nullptr, [] { return true; });
  ASSERT_TRUE(results.has_error());
  EXPECT_EQ(results.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace kless
