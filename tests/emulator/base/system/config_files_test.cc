#include "emulator/base/system/config_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"

namespace kless {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// Runs in an empty working directory, without KLESS_CONFIGS.
class ConfigFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    scratch_ = std::move(ScratchFolder::Make().value());
    fs::create_directories(Folder("work"));
    fs::current_path(Folder("work"));
    unsetenv("KLESS_CONFIGS");
  }
  void TearDown() override {
    unsetenv("KLESS_CONFIGS");
    fs::current_path(before_);
  }

  std::string Folder(const std::string& name) const { return scratch_->path() + "/" + name; }
  // `path` below the scratch folder.
  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(Folder(path)).parent_path());
    ASSERT_TRUE(WriteFile(Folder(path), text).has_value());
  }
  static std::string TextOf(const std::string& kind, const std::string& name) {
    const auto file = FindConfigFile(kind, name, "file");
    return file.has_error() ? file.error().message : ReadConfigText(file.value().path).value();
  }

  fs::path before_;
  std::unique_ptr<ScratchFolder> scratch_;
};

TEST_F(ConfigFilesTest, EveryFileOfConfigsButTheSchemaIsCompiledInByteForByte) {
  const fs::path tree = KLESS_SOURCE_DIR;
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(tree / "configs")) {
    if (!entry.is_regular_file() || entry.path().string().ends_with(".schema.json")) continue;
    const std::string path = entry.path().lexically_relative(tree).string();
    const auto compiled_in = ReadConfigText(path);
    ASSERT_FALSE(compiled_in.has_error()) << compiled_in.error().message;
    EXPECT_EQ(compiled_in.value(), ReadFile(entry.path().string()).value()) << path;
    ++compared;
  }
  EXPECT_GT(compared, 15);
}

TEST_F(ConfigFilesTest, AFileOfTheWorkingDirectoryWinsThenKlessConfigsThenTheOneCompiledIn) {
  EXPECT_THAT(TextOf("jobs", "pi"), HasSubstr("kind: Job"));
  setenv("KLESS_CONFIGS", Folder("own").c_str(), 1);
  Write("own/jobs/pi.yaml", "own\n");
  EXPECT_EQ(TextOf("jobs", "pi"), "own\n");
  EXPECT_EQ(ReadConfigText("configs/jobs/pi.yaml").value(), "own\n");
  Write("work/configs/jobs/pi.yaml", "here\n");
  EXPECT_EQ(TextOf("jobs", "pi"), "here\n");
  EXPECT_EQ(ReadConfigText("configs/jobs/pi.yaml").value(), "here\n");
  // A path that exists means itself.
  EXPECT_EQ(ReadConfigText(Folder("own/jobs/pi.yaml")).value(), "own\n");
}

TEST_F(ConfigFilesTest, TheListHoldsEachNameOnceWithThePlaceThatWins) {
  setenv("KLESS_CONFIGS", (Folder("own") + "/").c_str(), 1);
  Write("own/latency/aws-2026.yaml", "own\n");
  Write("own/latency/more.yaml", "own\n");
  Write("own/latency/notes.txt", "no profile\n");
  Write("work/configs/latency/aws-2026.yaml", "here\n");
  std::vector<std::string> lines;
  for (const ConfigFile& file : ListConfigFiles("latency")) {
    lines.push_back(file.name + " " + file.origin);
  }
  EXPECT_THAT(lines,
              ::testing::IsSupersetOf<std::string>(
                  {"aws-2026 ./configs", "more " + Folder("own"), "thesis-2024 compiled in"}));
  EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return line.starts_with("aws-2026"); }),
            1);
}

TEST_F(ConfigFilesTest, WhatAFileOfConfigsNamesRelativelyIsFoundTheSameWay) {
  setenv("KLESS_CONFIGS", Folder("own").c_str(), 1);
  EXPECT_TRUE(ConfigTextExists("configs/experiments/../jobs/pi.yaml"));
  EXPECT_TRUE(ConfigTextExists(Folder("own") + "/experiments/../jobs/pi.yaml"));
}

TEST_F(ConfigFilesTest, APathOutsideConfigsMeansItself) {
  for (const char* path : {"./configs/jobs/pi.yaml", "/configs/jobs/pi.yaml", "jobs/pi.yaml",
                           "configs/../configs2/jobs/pi.yaml", "configs/jobs", "configs", ""}) {
    EXPECT_FALSE(ConfigTextExists(path)) << path;
    EXPECT_TRUE(ReadConfigText(path).has_error()) << path;
  }
}

TEST_F(ConfigFilesTest, AnUnknownNameIsAnsweredWithTheNearestTheKnownOnesAndThePlaces) {
  setenv("KLESS_CONFIGS", "/somewhere/configs", 1);
  const auto unknown = FindConfigFile("latency", "thesis-2023", "latency profile");
  ASSERT_TRUE(unknown.has_error());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  const std::string& message = unknown.error().message;
  EXPECT_THAT(message, HasSubstr("no latency profile 'thesis-2023'; did you mean 'thesis-2024'?"));
  EXPECT_THAT(message, HasSubstr("known: aws-2026, instant, kubernetes-1.36, thesis-2024"));
  EXPECT_THAT(message, EndsWith("looked in ./configs/latency, in /somewhere/configs/latency "
                                "(KLESS_CONFIGS names no folder) and among "
                                "the files compiled into kless"));
}

TEST_F(ConfigFilesTest, AMissingPathWhoseNameIsKnownSuggestsTheName) {
  const auto missing = FindConfigFile("experiments", "elsewhere/thesis.yaml", "scenario");
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().message,
            "there is no scenario file elsewhere/thesis.yaml; did you mean the scenario 'thesis'?");
}

TEST(FirstSentenceTest, EndsAtTheFirstFullStopThatIsNotAnInitial) {
  EXPECT_EQ(FirstSentence("# One line.\nname: x\n"), "One line.");
  EXPECT_EQ(FirstSentence("# Over\n# two lines. And more.\n"), "Over two lines.");
  EXPECT_EQ(FirstSentence("# By D. Darbinyan, 2024.  More.\n"), "By D. Darbinyan, 2024.");
  EXPECT_EQ(FirstSentence("# Some, e.g. two, of approx. 5. More.\n"),
            "Some, e.g. two, of approx. 5.");
  EXPECT_EQ(FirstSentence("# Without an end\n\n# Another comment.\n"), "Without an end");
  EXPECT_EQ(FirstSentence("name: x\n"), "");
}

}  // namespace
}  // namespace kless
