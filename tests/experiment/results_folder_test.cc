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

TEST(ResultsFolderTest, ASecondRunIntoTheSameTargetIsRefusedAndDisturbsNothing) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  const auto first = ResultsFolder::Begin(target);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_TRUE(WriteFile(first.value()->path() + "/summary.json", "{}").has_value());
  const auto second = ResultsFolder::Begin(target);
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(second.error().message.find("another run is writing its results to " + target),
            std::string::npos)
      << second.error().message;
  EXPECT_TRUE(fs::exists(first.value()->path() + "/summary.json"));
  ASSERT_TRUE(first.value()->Finish().has_value());
  EXPECT_TRUE(fs::exists(target + "/summary.json"));
  EXPECT_TRUE(ResultsFolder::Begin(target).has_value()) << "the first one has ended";
}

TEST(ResultsFolderTest, WhatAKilledRunLeftIsReplaced) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  ASSERT_TRUE(MakeFolder(target + ".partial/runs").has_value());
  ASSERT_TRUE(WriteFile(target + ".partial/runs/cold.db", "torn").has_value());
  const auto folder = ResultsFolder::Begin(target);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  EXPECT_TRUE(fs::is_empty(folder.value()->path()));
}

TEST(ResultsFolderTest, AFolderOfSomethingElseIsNotReplaced) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  ASSERT_TRUE(WriteFile(scratch->path() + "/thesis.tex", "").has_value());
  const auto folder = ResultsFolder::Begin(scratch->path());
  ASSERT_TRUE(folder.has_error());
  EXPECT_NE(folder.error().message.find("something other than earlier results"), std::string::npos);
  EXPECT_TRUE(fs::exists(scratch->path() + "/thesis.tex"));
  EXPECT_FALSE(fs::exists(scratch->path() + ".partial"));
}

}  // namespace
}  // namespace kless::experiment
