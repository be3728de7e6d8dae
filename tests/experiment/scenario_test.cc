#include "emulator/experiment/scenario.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "emulator/base/files.h"
#include "emulator/base/scratch_folder.h"

namespace kless::experiment {
namespace {

class ScenarioTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = std::move(ScratchFolder::Make().value()); }

  std::string Write(const std::string& text) {
    const std::string path = folder_->path() + "/mine.yaml";
    EXPECT_TRUE(WriteFile(path, text).has_value());
    return path;
  }
  Result<Scenario> Load(const std::string& text, const ScenarioOptions& options = {}) {
    return LoadScenario(Write(text), options);
  }
  // The message without the folder.
  std::string ErrorOf(const std::string& text, const ScenarioOptions& options = {}) {
    const auto loaded = Load(text, options);
    if (!loaded.has_error()) return "";
    std::string message = loaded.error().message;
    const std::string prefix = folder_->path() + "/";
    for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
      message.erase(at, prefix.size());
    }
    return message;
  }
  std::unique_ptr<ScratchFolder> folder_;
};

TEST_F(ScenarioTest, AThreeLineWorkloadIsAScenario) {
  const auto loaded = Load("latency: thesis-2024\nworkload: {jobs: 10, pods: 10}\nstart: warm\n");
  ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
  ASSERT_EQ(loaded.value().cases.size(), 1u);
  const CaseSpec& only = loaded.value().cases[0];
  EXPECT_EQ(only.name, "mine-serverless-warm");
  EXPECT_EQ(only.run.config.latency.name, "thesis-2024");
  EXPECT_TRUE(only.run.warm);
  EXPECT_EQ(loaded.value().seeds, std::vector<std::uint64_t>{1});
}

TEST_F(ScenarioTest, ASweepMakesAllCombinationsAndCasesBringTheirOwn) {
  const auto loaded = Load(R"(
workload: {jobs: 1}
control_plane: [serverless, classic]
start: [cold, warm]
cases:
  - name: a
    sweep: {functions.account_concurrency: [1, 10, 100]}
  - name: b
    control_plane: classic
    workload: {jobs: 2}
)");
  ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
  ASSERT_EQ(loaded.value().cases.size(), 2u * 2 * 3 + 2);
  const CaseSpec& first = loaded.value().cases[0];
  EXPECT_EQ(first.name, "a-serverless-cold-account_concurrency-1");
  EXPECT_EQ(first.run.config.account_concurrency, 1);
  const CaseSpec& last = loaded.value().cases.back();
  EXPECT_EQ(last.name, "b-classic-warm");
  EXPECT_EQ(last.run.workload, R"({"jobs":2})") << "a case's workload replaces the scenario's";
}

TEST_F(ScenarioTest, WhatTheCommandLineSetsWinsOverCasesAndSweeps) {
  ScenarioOptions options;
  options.sets = {{"functions.account_concurrency", "7"}, {"start", "cold"}};
  options.seeds = 3;
  options.first_seed = 11;
  const auto loaded = Load(
      "workload: {jobs: 1}\nstart: [cold, warm]\nseeds: 5\n"
      "sweep: {functions.account_concurrency: [1, 10]}\n",
      options);
  ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
  ASSERT_EQ(loaded.value().cases.size(), 1u);
  EXPECT_EQ(loaded.value().cases[0].run.config.account_concurrency, 7);
  EXPECT_FALSE(loaded.value().cases[0].run.warm);
  EXPECT_EQ(loaded.value().seeds, (std::vector<std::uint64_t>{11, 12, 13}));
}

TEST_F(ScenarioTest, WithoutACauseItsParametersAreNothing) {
  ScenarioOptions options;
  options.without = {"init"};
  const auto loaded = Load("latency: thesis-2024\nworkload: {jobs: 1}\n", options);
  ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
  ASSERT_TRUE(loaded.value().cases[0].run.config.job_controller.init.has_value());
  EXPECT_TRUE(loaded.value().cases[0].run.config.job_controller.init->IsZero());
  EXPECT_TRUE(loaded.value().cases[0].run.config.latency.classic.startup.empty());
  options.without = {"inti"};
  EXPECT_EQ(ErrorOf("workload: {jobs: 1}\n", options),
            "--without inti: no such cause; there are submit, feed, throttle, init, first_request, "
            "compute, store");
}

TEST_F(ScenarioTest, MistakesNameFileLineKeyAndTheNearestKnownKey) {
  EXPECT_EQ(ErrorOf("workload: {jobs: 1}\nfunctions:\n  acount_concurrency: 10\n"),
            "mine.yaml:3: functions.acount_concurrency: unknown key; did you mean "
            "'account_concurrency'?");
  EXPECT_EQ(ErrorOf("wrokload: {jobs: 1}\n"),
            "mine.yaml:1: wrokload: unknown key; did you mean 'workload'?\n"
            "mine.yaml: workload: is missing: say what to submit");
  EXPECT_NE(
      ErrorOf("workload: {jobs: 1}\nprofile:\n  store_read: -1\n")
          .find("mine.yaml:3: profile.store_read: latency profile: 'store_read': a delay must "
                "be between 0 and one year"),
      std::string::npos);
  EXPECT_NE(
      ErrorOf("workload: {jobs: 1}\nstart: hot\n").find("mine.yaml:2: start: must be cold or warm"),
      std::string::npos);
  EXPECT_NE(ErrorOf("workload:\n  trace: {file: nowhere.csv, format: azure-2019}\n")
                .find("mine.yaml:1: workload:"),
            std::string::npos);
  EXPECT_NE(ErrorOf("workload: {jobs: 1}\nserver: {port: 1}\n").find("a setting of the daemon"),
            std::string::npos);
  EXPECT_NE(ErrorOf("workload: {jobs: 1}\nfaults: [{kind: crahs, at: 1}]\n")
                .find("did you mean 'crash'?"),
            std::string::npos);
  EXPECT_NE(ErrorOf("workload: {jobs: 1}\ncontrol_plane: classic\nfaults: [{kind: crash, at: 1}]\n")
                .find("the classic control plane has none"),
            std::string::npos);
}

TEST_F(ScenarioTest, AMistakeOnTheCommandLineIsNamedAsSuch) {
  ScenarioOptions options;
  options.sets = {{"functions.account_concurrency", "none"}};
  EXPECT_EQ(ErrorOf("workload: {jobs: 1}\n", options).substr(0, 36),
            "--set functions.account_concurrency:");
}

TEST_F(ScenarioTest, PublishedRowsSelectExactlyOneCase) {
  const std::string head = "workload: {jobs: 1}\nstart: [cold, warm]\n";
  const std::string row =
      "published: [{label: x, metric: last_pod_s, value: 1, evidence: predicted, source: s, of: ";
  EXPECT_EQ(ErrorOf(head + row + "{start: warm}}]\n"), "");
  EXPECT_EQ(ErrorOf(head + row + "{}}]\n"),
            "mine.yaml:3: published.0: selects 2 cases instead of one");
}

TEST_F(ScenarioTest, EveryShippedScenarioLoads) {
  const std::string configs = std::string(KLESS_SOURCE_DIR) + "/configs/experiments";
  int loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(configs)) {
    const auto scenario = LoadScenario(entry.path().string(), {});
    EXPECT_TRUE(scenario.has_value()) << scenario.error().message;
    ++loaded;
  }
  EXPECT_GE(loaded, 9);
}

TEST_F(ScenarioTest, TheShippedSchemaIsMadeFromTheTablesThatRead) {
  const auto shipped = ReadFile(std::string(KLESS_SOURCE_DIR) + "/configs/experiment.schema.json");
  ASSERT_TRUE(shipped.has_value());
  EXPECT_EQ(shipped.value(), ScenarioSchema())
      << "run: kless experiment schema > configs/experiment.schema.json";
}

}  // namespace
}  // namespace kless::experiment
