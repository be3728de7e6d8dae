#include "emulator/experiment/report/data/figure_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Settings = std::vector<std::pair<std::string, std::string>>;

CaseResult Case(const std::string& name, const std::string& start, Settings settings,
                const std::string& control_plane = "serverless") {
  CaseResult own;
  own.name = own.entry = name;
  own.control_plane = own.system = control_plane;
  own.profile = "thesis-2024";
  own.start = start;
  own.parameters = std::move(settings);
  RunResult run;
  run.jobs.push_back({"a", 0, 0, 0, 0, 0, 1, 1});
  PodTiming pod;
  pod.created = static_cast<std::int64_t>(name.size()) * 1'000'000'000;
  run.pods.push_back(pod);
  own.runs.push_back(run);
  return own;
}

std::vector<std::size_t> All(const ExperimentResult& result) {
  std::vector<std::size_t> all(result.cases.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

PanelChoice BySetting(const ExperimentResult& result, std::size_t limit = 12) {
  const MeasuredExperiment experiment = MeasureExperiment(result);
  return PanelsBySetting(experiment, SystemStyles(experiment), All(result), limit);
}

std::vector<std::string> Titles(const PanelChoice& choice) {
  std::vector<std::string> titles;
  for (const CasePanel& panel : choice.panels) titles.push_back(panel.title);
  return titles;
}

TEST(FigureCasesTest, CasesOfDifferentSystemsAndStartsShareOnePanelWithoutATitle) {
  ExperimentResult result;
  result.cases = {Case("a", "cold", {}), Case("a", "warm", {}), Case("b", "cold", {}, "classic"),
                  Case("b", "warm", {}, "classic")};
  const PanelChoice choice = BySetting(result);
  EXPECT_THAT(Titles(choice), ElementsAre(""));
  EXPECT_THAT(choice.panels[0].cases, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(choice.chosen, "");
}

TEST(FigureCasesTest, EachSettingOfASweepHasAPanelWithItsStarts) {
  ExperimentResult result;
  for (const char* start : {"cold", "warm"}) {
    for (const char* memory : {"128", "256"}) {
      result.cases.push_back(Case("m", start, {{"functions.a.memory_mb", memory}, {"same", "1"}}));
    }
  }
  const PanelChoice choice = BySetting(result);
  EXPECT_THAT(Titles(choice), ElementsAre("memory_mb 128", "memory_mb 256"));
  EXPECT_THAT(choice.panels[1].cases, ElementsAre(1, 3));
  EXPECT_EQ(choice.panels[1].short_title, "256");
  EXPECT_EQ(choice.titles, "Titles give memory_mb. ");
}

TEST(FigureCasesTest, EntriesThatWouldBeDrawnAlikeHavePanelsOfTheirOwn) {
  ExperimentResult result;
  result.cases = {Case("none", "warm", {}), Case("late", "warm", {})};
  EXPECT_THAT(Titles(BySetting(result)), ElementsAre("none", "late"));
}

TEST(FigureCasesTest, OfTooManySettingsThoseFromTheFastestToTheSlowestAreChosenAndItIsSaid) {
  ExperimentResult result;
  for (int i = 1; i <= 9; ++i) {
    CaseResult own = Case(std::string(static_cast<std::size_t>(i), 'x'), "warm",
                          {{"path.n", std::to_string(i)}});
    own.entry = "one";
    result.cases.push_back(own);
  }
  std::swap(result.cases[0], result.cases[5]);  // the order of the cases is not that of speed
  const PanelChoice choice = BySetting(result, 3);
  EXPECT_THAT(Titles(choice), ElementsAre("n 5", "n 1", "n 9"));
  EXPECT_EQ(
      choice.chosen,
      "Shown are 3 of 9 settings, evenly spread from the fastest to the slowest; the CSV file "
      "has all of them. ");
}

TEST(FigureCasesTest, ATitleNamesWhatDiffersAndNothingElse) {
  ExperimentResult result;
  result.cases = {Case("a", "cold", {{"p.x", "1"}, {"p.y", "7"}}),
                  Case("a", "warm", {{"p.x", "2"}, {"p.y", "7"}})};
  const MeasuredExperiment experiment = MeasureExperiment(result);
  const SystemStyles styles(experiment);
  EXPECT_EQ(CaseTitle(experiment, styles, 1, {0, 1}), "warm, x 2");
  EXPECT_EQ(CaseTitle(experiment, styles, 1, {0, 1}, true), "warm, 2");
  EXPECT_EQ(CaseTitle(experiment, styles, 1, {1}), "serverless, warm");
  EXPECT_THAT(VaryingPaths(experiment, {0, 1}), ElementsAre("p.x"));
  EXPECT_THAT(VaryingPaths(experiment, {0}), IsEmpty());
}

TEST(FigureCasesTest, WhereAnEntryIsNeededToTellTwoCasesApartAllTitlesHaveIt) {
  ExperimentResult result;
  result.cases = {Case("none", "warm", {}), Case("late", "warm", {}), Case("slow", "cold", {})};
  const MeasuredExperiment experiment = MeasureExperiment(result);
  const SystemStyles styles(experiment);
  EXPECT_EQ(CaseTitle(experiment, styles, 1, {0, 1, 2}), "late, warm");
  EXPECT_EQ(CaseTitle(experiment, styles, 2, {0, 1, 2}), "slow, cold");
  EXPECT_EQ(CaseTitle(experiment, styles, 2, {0, 2}), "cold");
}

TEST(FigureCasesTest, WhatACommandLineSetsWinsOverTheSweep) {
  const CaseResult own = Case("a", "warm", {{"p.x", "1"}, {"p.x", "5"}});
  EXPECT_EQ(SettingOf(own, "p.x"), "5");
  EXPECT_EQ(SettingOf(own, "p.z"), "");
}

TEST(FigureCasesTest, AWorkloadIsNamedByTheHeadOfItsRule) {
  EXPECT_EQ(WorkloadPhrase("100 Jobs of 1 pod, all due at once"), "100 jobs of one pod");
  EXPECT_EQ(WorkloadPhrase("1 Job of 100 pods"), "one job of 100 pods");
  EXPECT_EQ(WorkloadPhrase("85470 invocations of 1000 functions, from trace.csv; durations"),
            "85470 invocations of 1000 functions");
  EXPECT_EQ(WorkloadPhrase(""), "");
}

}  // namespace
}  // namespace kless::experiment
