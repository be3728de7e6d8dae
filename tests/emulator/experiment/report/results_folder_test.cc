#include "emulator/experiment/report/results_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"

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
  const std::string mark = target + ".partial/" + ResultsFolder::kUnfinishedMark;
  ASSERT_TRUE(WriteFile(mark, "").has_value());
  const auto folder = ResultsFolder::Begin(target);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  EXPECT_FALSE(fs::exists(folder.value()->path() + "/runs"));
}

TEST(ResultsFolderTest, AFolderOfTheUserWithTheNameOfThePartialOneIsNotTouched) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  ASSERT_TRUE(MakeFolder(target + ".partial").has_value());
  ASSERT_TRUE(WriteFile(target + ".partial/mine", "").has_value());
  const auto folder = ResultsFolder::Begin(target);
  ASSERT_TRUE(folder.has_error());
  EXPECT_EQ(folder.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(fs::exists(target + ".partial/mine"));
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

// Writes a result of these files into the target.
Result<void> WriteResult(const std::string& target, const std::vector<std::string>& names) {
  const auto folder = ResultsFolder::Begin(target);
  if (folder.has_error()) return folder.error();
  for (const std::string& name : names) {
    const fs::path path = folder.value()->path() + "/" + name;
    fs::create_directories(path.parent_path());
    const auto written = WriteFile(path.string(), "of kless");
    if (written.has_error()) return written.error();
  }
  return folder.value()->Finish();
}

TEST(ResultsFolderTest, AForeignFileAmongResultsIsNamedAndKept) {
  for (const std::string foreign :
       {"data/mine.csv", "figures/sketch.svg", "notes/", "thesis.tex"}) {
    const auto scratch = std::move(ScratchFolder::Make().value());
    const std::string target = scratch->path() + "/out";
    const std::vector<std::string> names = {"summary.json", "data/a.csv", "figures/a.svg"};
    ASSERT_TRUE(WriteResult(target, names).has_value());
    if (foreign.ends_with('/')) {
      fs::create_directory(target + "/" + foreign);
    } else {
      ASSERT_TRUE(WriteFile(target + "/" + foreign, "mine").has_value());
    }
    const auto again = WriteResult(target, names);
    ASSERT_TRUE(again.has_error()) << foreign;
    EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(again.error().message.find(fs::path(foreign + "x").parent_path().filename().string()),
              std::string::npos)
        << again.error().message;
    EXPECT_TRUE(fs::exists(target + "/" + foreign));
    EXPECT_TRUE(fs::exists(target + "/data/a.csv"));
  }
}

TEST(ResultsFolderTest, AFileThatWasMadeDuringTheRunStays) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  ASSERT_TRUE(WriteResult(target, {"summary.json", "data/old.csv"}).has_value());
  const auto folder = ResultsFolder::Begin(target);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  ASSERT_TRUE(WriteFile(folder.value()->path() + "/summary.json", "new").has_value());
  ASSERT_TRUE(WriteFile(target + "/data/mine.csv", "mine").has_value());
  ASSERT_TRUE(folder.value()->Finish().has_value());
  EXPECT_EQ(ReadFile(target + "/data/mine.csv").value(), "mine");
  EXPECT_EQ(ReadFile(target + "/summary.json").value(), "new");
  EXPECT_FALSE(fs::exists(target + "/data/old.csv"));
}

TEST(ResultsFolderTest, IfAFileThatWasMadeDuringTheRunIsInTheWayBothAreKept) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  std::string partial;
  {
    const auto folder = ResultsFolder::Begin(target);
    ASSERT_TRUE(folder.has_value()) << folder.error().message;
    partial = folder.value()->path();
    ASSERT_TRUE(WriteFile(partial + "/summary.json", "of kless").has_value());
    ASSERT_TRUE(MakeFolder(target).has_value());
    ASSERT_TRUE(WriteFile(target + "/summary.json", "mine").has_value());
    const auto finished = folder.value()->Finish();
    ASSERT_TRUE(finished.has_error());
    EXPECT_NE(finished.error().message.find("the results are in " + partial), std::string::npos);
  }
  EXPECT_EQ(ReadFile(target + "/summary.json").value(), "mine");
  EXPECT_EQ(ReadFile(partial + "/summary.json").value(), "of kless");
}

TEST(ResultsFolderTest, ATargetThatExistsStaysTheSameFolder) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const std::string target = scratch->path() + "/out";
  ASSERT_TRUE(MakeFolder(target).has_value());
  const fs::path before = fs::current_path();
  fs::current_path(target);
  for (int run = 0; run < 2; ++run) {
    ASSERT_TRUE(WriteResult(".", {"summary.json", "data/a.csv"}).has_value());
    EXPECT_TRUE(fs::exists("data/a.csv")) << "the working directory is the folder";
  }
  fs::current_path(before);
}

TEST(ResultsFolderTest, AWorkingDirectoryThatIsGoneIsAnError) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  const fs::path before = fs::current_path();
  fs::create_directory(scratch->path() + "/gone");
  fs::current_path(scratch->path() + "/gone");
  fs::remove(scratch->path() + "/gone");
  const auto relative = ResultsFolder::Begin("out");
  fs::current_path(before);
  ASSERT_TRUE(relative.has_error());
  EXPECT_NE(relative.error().message.find("out, cannot be found: No such file or directory"),
            std::string::npos)
      << relative.error().message;
}

TEST(ResultsFolderTest, ALinkStandsForItsFolder) {
  const auto scratch = std::move(ScratchFolder::Make().value());
  ASSERT_TRUE(MakeFolder(scratch->path() + "/real").has_value());
  const std::string link = scratch->path() + "/link";
  fs::create_directory_symlink("real", link);
  for (int run = 0; run < 2; ++run) {
    const auto written = WriteResult(link + "/", {"summary.json"});
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_TRUE(fs::exists(scratch->path() + "/real/summary.json"));
  fs::create_symlink("nowhere", scratch->path() + "/dangling");
  const auto dangling = WriteResult(scratch->path() + "/dangling", {"summary.json"});
  ASSERT_TRUE(dangling.has_error());
  EXPECT_EQ(dangling.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless::experiment
