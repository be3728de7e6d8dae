#include "emulator/experiment/scenario/scenario.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"
#include "emulator/experiment/scenario/as_run.h"

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
  EXPECT_EQ(only.name, "serverless-warm");
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
  EXPECT_EQ(last.name, "b-warm") << "its control plane is not swept";
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

TEST_F(ScenarioTest, NamesOfCasesHoldWhatTellsThemApartAndNotTheNameOfTheFile) {
  const auto names = [&](const std::string& text, const ScenarioOptions& options = {}) {
    std::vector<std::string> made;
    const auto loaded = Load(text, options);
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
    for (const CaseSpec& each : loaded.value().cases) made.push_back(each.name);
    return made;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("workload: {jobs: 1}\nstart: [cold, warm]\n"), (Names{"cold", "warm"}));
  EXPECT_EQ(names("workload: {jobs: 1}\nstart: [cold]\n"), (Names{"serverless-cold"}));
  EXPECT_EQ(names("workload: {jobs: 1}\ncontrol_plane: [serverless, classic]\nstart: warm\n"),
            (Names{"serverless", "classic"}));
  EXPECT_EQ(names("workload: {jobs: 1}\nsweep: {functions.account_concurrency: [1, 10]}\n"),
            (Names{"account_concurrency-1", "account_concurrency-10"}));
  ScenarioOptions options;
  for (const std::string name : {"cold", "mine-serverless-cold"}) {
    options.only = {name};
    EXPECT_EQ(names("workload: {jobs: 1}\nstart: [cold, warm]\n", options), (Names{"cold"}));
  }
}

TEST_F(ScenarioTest, AMetricThatNoRunHasIsFoundWhenTheScenarioIsRead) {
  const std::string head = "workload: {jobs: 1}\ncontrol_plane: [serverless, classic]\n";
  EXPECT_EQ(ErrorOf(head + "thresholds: [{metric: last_pods, at_most: 1}]\n"),
            "mine.yaml:3: thresholds.0.metric: no metric 'last_pods'; did you mean 'last_pod_s'?");
  EXPECT_EQ(ErrorOf(head + "thresholds: [{metric: cold_starts, at_most: 1}]\n"),
            "mine.yaml:3: thresholds.0.metric: 'cold_starts' is a metric of the serverless control "
            "plane, and case classic is classic: select cases with control_plane: serverless");
  EXPECT_EQ(ErrorOf(head + "thresholds: [{metric: cold_starts, at_most: 1, "
                           "of: {control_plane: serverless}}]\n"),
            "");
  EXPECT_NE(ErrorOf(head + "thresholds: [{metric: p99, at_most: 1}]\n")
                .find("there are, among others, pod_latency_p99_ms"),
            std::string::npos);
  EXPECT_NE(ErrorOf(head + "heat_map: {x: a, y: b, metric: last_pods}\n").find("'last_pod_s'"),
            std::string::npos);
  EXPECT_NE(ErrorOf(head + "hypotheses: {metric: last_pods, list: []}\n").find("'last_pod_s'"),
            std::string::npos);
  EXPECT_NE(
      ErrorOf(head + "published: [{label: x, metric: last_pods, value: 1, evidence: predicted, "
                     "source: s, of: {control_plane: classic}}]\n")
          .find("published.0.metric: no metric 'last_pods'"),
      std::string::npos);
}

TEST_F(ScenarioTest, UnknownKeysOfRowsNameTheKnownOnes) {
  EXPECT_EQ(ErrorOf("workload: {jobs: 1}\nthresholds: [{metric: last_pod_s, max: 1}]\n"),
            "mine.yaml:2: thresholds.0.max: unknown key; known: metric, statistic, of, at_most, "
            "at_least");
  EXPECT_NE(ErrorOf("workload: {jobs: 1}\nsubmitter: {knd: http}\n")
                .find("did you mean 'kind'? known: kind, rtt, concurrency"),
            std::string::npos);
}

TEST_F(ScenarioTest, ASelectorThatSelectsNothingNamesWhatThereIs) {
  const std::string head = "workload: {jobs: 1}\nstart: [cold, warm]\n";
  const auto threshold = [&](const std::string& of) {
    return ErrorOf(head + "thresholds: [{metric: last_pod_s, at_most: 1, of: " + of + "}]\n");
  };
  EXPECT_EQ(threshold("{start: wram}"),
            "mine.yaml:3: thresholds.0.of: selects no case; no start 'wram'; did you mean 'warm'?");
  EXPECT_EQ(threshold("{strat: warm}")
                .find("mine.yaml:3: thresholds.0.of.strat: unknown key; did "
                      "you mean 'start'? known: case, control_plane, start"),
            0u);
  EXPECT_EQ(threshold("{start: warm}"), "");
}

constexpr const char* kPublishedScenario = R"(
workload: {jobs: 1}
start: [cold, warm]
functions: {account_concurrency: 10}
published:
  - {label: a, metric: last_pod_s, value: 1, evidence: predicted, source: s, of: {start: cold}}
)";

TEST_F(ScenarioTest, APublishedRowWhoseCaseTheCommandLineChangesIsAWhatIf) {
  const auto what_if = [&](const ScenarioOptions& options) {
    const auto loaded = Load(kPublishedScenario, options);
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
    return loaded.value().published.at(0).row.what_if;
  };
  using Changes = std::vector<std::string>;
  ScenarioOptions options;
  EXPECT_EQ(what_if(options), Changes());
  options.without = {"init"};
  EXPECT_EQ(what_if(options), Changes{"--without init"}) << "each once";
  options.without.clear();
  options.sets = {{"functions.account_concurrency", "20"}};
  EXPECT_EQ(what_if(options), Changes{"--set functions.account_concurrency=20"});
  options.sets = {{"functions.account_concurrency", "10"}};
  EXPECT_EQ(what_if(options), Changes()) << "the file's own value";
  options.sets = {{"start", "cold"}};
  EXPECT_EQ(what_if(options), Changes()) << "one of the swept values";
  options.sets = {{"profile.classic.client_qps", "3"}, {"limit", "2h"}};
  EXPECT_EQ(what_if(options), Changes()) << "nothing that a serverless run depends on";
  options.sets = {{"control_plane", "classic"}};
  EXPECT_EQ(what_if(options), Changes{"--set control_plane=classic"});
}

TEST_F(ScenarioTest, WhatWasRunIsAScenarioThatDoesTheSameAgain) {
  ScenarioOptions options;
  options.without = {"init"};
  options.sets = {{"functions.account_concurrency", "7"}};
  options.only = {"cold"};
  options.seeds = 2;
  options.first_seed = 5;
  const auto first = Load(kPublishedScenario, options);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const std::string text = AsRunText(first.value().as_run);
  EXPECT_EQ(text.find("\nworkload: {jobs: 1}\n"), 0u) << text;
  EXPECT_NE(text.find("command: \"kless experiment run mine.yaml --set "
                      "functions.account_concurrency=7 --without init --case cold --seeds 2 --seed "
                      "5\""),
            std::string::npos)
      << text;
  const std::string again = folder_->path() + "/scenario.yaml";
  ASSERT_TRUE(WriteFile(again, text).has_value());
  const auto second = LoadScenario(again, {});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second.value().name, "mine");
  EXPECT_EQ(second.value().seeds, (std::vector<std::uint64_t>{5, 6}));
  ASSERT_EQ(second.value().cases.size(), 1u);
  EXPECT_EQ(second.value().cases[0].parameters, first.value().cases[0].parameters);
  EXPECT_EQ(second.value().cases[0].settings, first.value().cases[0].settings);
  EXPECT_EQ(second.value().published[0].row.what_if, first.value().published[0].row.what_if);
  EXPECT_EQ(AsRunText(second.value().as_run), text) << "byte by byte";
}

TEST_F(ScenarioTest, NumbersInAsRunAreCheckedAsThoseOfFlags) {
  for (const std::string seeds : {"0", "10001", "4294967298", "-1", "1.5", "many"}) {
    const auto loaded = Load("workload: {jobs: 1}\nas_run: {seeds: " + seeds + "}\n");
    ASSERT_TRUE(loaded.has_error()) << seeds;
    EXPECT_NE(loaded.error().message.find("as_run.seeds: must be a whole number from 1 to 10000"),
              std::string::npos)
        << loaded.error().message;
  }
  EXPECT_EQ(Load("workload: {jobs: 1}\nas_run: {seeds: 3, seed: 0}\n").value().seeds,
            (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST_F(ScenarioTest, AScenarioInFlowStyleIsWrittenSoThatItCanBeReadAgain) {
  const auto first = Load("{workload: {jobs: 1}, seeds: 3}\n");
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const std::string again = folder_->path() + "/scenario.yaml";
  ASSERT_TRUE(WriteFile(again, AsRunText(first.value().as_run)).has_value());
  const auto second = LoadScenario(again, {});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second.value().seeds.size(), 3u);
  EXPECT_EQ(second.value().name, "mine");
}

TEST_F(ScenarioTest, WithoutACauseItsParametersAreNothing) {
  ScenarioOptions options;
  options.without = {"init"};
  const auto loaded = Load("latency: thesis-2024\nworkload: {jobs: 1}\n", options);
  ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
  ASSERT_TRUE(loaded.value().cases[0].run.config.function_default.config.init.has_value());
  EXPECT_TRUE(loaded.value().cases[0].run.config.function_default.config.init->IsZero());
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
            "mine.yaml: workload: is missing: it describes what is submitted");
  EXPECT_NE(ErrorOf("workload: {jobs: 1}\nprofile:\n  store_read: -1\n")
                .find("mine.yaml:3: profile.store_read: a delay must be between 0 and one year"),
            std::string::npos);
  EXPECT_NE(
      ErrorOf("workload: {jobs: 1}\nstart: hot\n").find("mine.yaml:2: start: must be cold or warm"),
      std::string::npos);
  EXPECT_NE(ErrorOf("workload:\n  trace: {file: nowhere.csv, format: azure-2019}\n")
                .find("mine.yaml:2: workload.trace.file: the file"),
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

TEST_F(ScenarioTest, WhatBelongsToTheFileIsNotSetOnTheCommandLine) {
  const auto error_of = [this](const char* path, const char* value) {
    ScenarioOptions options;
    options.sets = {{path, value}};
    return ErrorOf("workload: {jobs: 1}\n", options);
  };
  EXPECT_EQ(error_of("name", "x"), "--set name: 'name' belongs to the file, not to --set");
  EXPECT_EQ(error_of("thresholds", "[a]"),
            "--set thresholds: 'thresholds' belongs to the file, not to --set");
  EXPECT_EQ(error_of("seeds", "3"),
            "--set seeds: 'seeds' belongs to the file, not to --set; --seeds N gives the number of "
            "repeats");
  EXPECT_EQ(error_of("start", "[cold, cold]"),
            "--set start: takes one value; a list of them belongs to the file");
  EXPECT_EQ(error_of("start", "hot"), "--set start: must be cold or warm, not \"hot\"");
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
