#include "emulator/experiment/results_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "emulator/base/files.h"
#include "emulator/base/scratch_folder.h"

namespace kless::experiment {
namespace {

namespace fs = std::filesystem;

TEST(ResultsFolderTest, AnUnfinishedResultLeavesNothingBehind) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  { const auto folder = ResultsFolder::Begin(target); }
  EXPECT_TRUE(fs::is_empty(scratch->path()));
}

TEST(ResultsFolderTest, AFinishedResultReplacesAnEarlierOneWhole) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out/";
  for (const std::string name : {"pods.csv", "report.html"}) {
    const auto folder = ResultsFolder::Begin(target);
    ASSERT_TRUE(folder.has_value()) << folder.error().message;
    ASSERT_TRUE(WriteFile(folder.value()->path() + "/summary.json", "{}").has_value());
    ASSERT_TRUE(WriteFile(folder.value()->path() + "/" + name, "").has_value());
    ASSERT_TRUE(folder.value()->Finish().has_value());
  }
  EXPECT_FALSE(fs::exists(target + "pods.csv"));
  EXPECT_TRUE(fs::exists(target + "report.html"));
}

TEST(ResultsFolderTest, AFolderOfSomethingElseIsNotReplaced) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  ASSERT_TRUE(WriteFile(scratch->path() + "/thesis.tex", "").has_value());
  const auto folder = ResultsFolder::Begin(scratch->path());
  ASSERT_TRUE(folder.has_error());
  EXPECT_NE(folder.error().message.find("something other than earlier results"), std::string::npos);
  EXPECT_TRUE(fs::exists(scratch->path() + "/thesis.tex"));
}

}  // namespace
}  // namespace kless::experiment
