#include "emulator/experiment/report/data/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/experiment/report/data/heat_map.h"

namespace kless::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Settings = std::vector<std::pair<std::string, std::string>>;

CaseResult SweptCase(const std::string& entry, const std::string& start, Settings settings,
                     std::int64_t seconds = 1) {
  CaseResult own;
  own.entry = own.group = entry;
  own.start = start;
  own.control_plane = own.system = "serverless";
  own.name = entry + start;
  for (const auto& [path, value] : settings) own.name += "-" + value;
  own.parameters = std::move(settings);
  RunResult run;
  run.jobs.push_back({"a", 0, 0, 0, 0, 0, 1, 1});
  PodTiming pod;
  pod.created = seconds * 1'000'000'000;
  run.pods.push_back(pod);
  own.runs.push_back(run);
  return own;
}

ExperimentResult Over(const std::string& path, const std::vector<std::string>& values) {
  ExperimentResult result;
  for (const std::string& value : values)
    result.cases.push_back(SweptCase("", "warm", {{path, value}}));
  return result;
}

SweptValues Values(const std::vector<std::string>& values) {
  const ExperimentResult result = Over("p.x", values);
  const MeasuredExperiment experiment = MeasureExperiment(result);
  std::vector<std::size_t> all(values.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return ValuesOf(experiment, all, "p.x");
}

TEST(SweepTest, ThreeNumbersMakeAnAxisInTheirOrder) {
  const SweptValues values = Values({"512", "128", "10240", "128"});
  EXPECT_THAT(values.texts, ElementsAre("128", "512", "10240"));
  ASSERT_TRUE(values.numbers.has_value());
  EXPECT_THAT(*values.numbers, ElementsAre(128, 512, 10240));
  EXPECT_FALSE(values.are_durations);
}

TEST(SweepTest, DurationsAreNumbersOfSeconds) {
  const SweptValues values = Values({"100ms", "1s", "2m"});
  ASSERT_TRUE(values.numbers.has_value());
  EXPECT_THAT(*values.numbers, ElementsAre(0.1, 1, 120));
  EXPECT_TRUE(values.are_durations);
}

TEST(SweepTest, NamesTwoValuesAndAZeroThatStandsForNoLimitMakeNoAxis) {
  EXPECT_FALSE(Values({"type-name", "name-type", "3"}).numbers);
  EXPECT_FALSE(Values({"1", "10"}).numbers);
  EXPECT_FALSE(Values({"5", "20", "50", "0"}).numbers);
  EXPECT_THAT(Values({"5", "20", "50", "0"}).texts, ElementsAre("5", "20", "50", "0"));
  EXPECT_TRUE(Values({"0", "5", "20"}).numbers);
}

TEST(SweepTest, EntriesThatSweepTheSamePathsAreOneSweep) {
  ExperimentResult result;
  result.cases = {SweptCase("a", "warm", {{"p", "1"}}), SweptCase("a", "warm", {{"p", "2"}}),
                  SweptCase("b", "warm", {{"p", "1"}}), SweptCase("b", "warm", {{"p", "2"}}),
                  SweptCase("c", "warm", {}),           SweptCase("c", "cold", {})};
  const auto sweeps = FindSweeps(MeasureExperiment(result));
  ASSERT_EQ(sweeps.size(), 1u);
  EXPECT_THAT(sweeps[0].paths, ElementsAre("p"));
  EXPECT_THAT(sweeps[0].cases, ElementsAre(0, 1, 2, 3));
}

TEST(SweepTest, CasesSideBySideAreComparedAsASweepWithoutAPath) {
  ExperimentResult result;
  result.cases = {SweptCase("none", "warm", {}), SweptCase("late", "warm", {})};
  const auto sweeps = FindSweeps(MeasureExperiment(result));
  ASSERT_EQ(sweeps.size(), 1u);
  EXPECT_THAT(sweeps[0].paths, IsEmpty());
  result.cases.resize(1);
  EXPECT_THAT(FindSweeps(MeasureExperiment(result)), IsEmpty());
}

TEST(SweepTest, WhatTheCommandLineSetsIsNotSwept) {
  ExperimentResult result;
  result.cases = {SweptCase("", "cold", {{"functions.init", "0"}}),
                  SweptCase("", "warm", {{"functions.init", "0"}})};
  EXPECT_THAT(FindSweeps(MeasureExperiment(result)), IsEmpty());
}

// Three by two settings, cold and warm; the last pod after x * y seconds, a tenfold when cold.
ExperimentResult Grid() {
  ExperimentResult result;
  for (const char* start : {"cold", "warm"}) {
    for (const int x : {1, 2, 3}) {
      for (const int y : {4, 5}) {
        result.cases.push_back(SweptCase("", start,
                                         {{"a.y", std::to_string(y)}, {"a.x", std::to_string(x)}},
                                         x * y * (std::string(start) == "cold" ? 10 : 1)));
      }
    }
  }
  return result;
}

TEST(SweepTest, TwoSweptSettingsAreAHeatMapForEachStartWithoutAsking) {
  const ExperimentResult result = Grid();
  const MeasuredExperiment experiment = MeasureExperiment(result);
  const auto maps = MakeHeatMaps(experiment);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].x_name, "x") << "the setting with the most values stands across";
  EXPECT_EQ(maps[0].y_name, "y");
  EXPECT_EQ(maps[0].metric, "last_pod_s");
  ASSERT_EQ(maps[0].cells.size(), 6u);
  EXPECT_EQ(maps[0].cells.back().value, 150);
  EXPECT_EQ(maps[1].cells.back().value, 15);
  EXPECT_THAT(maps[0].averaged, IsEmpty());
}

TEST(SweepTest, TheScenariosOwnHeatMapWinsAndNamesWhatItAverages) {
  ExperimentResult result = Grid();
  for (CaseResult& own : result.cases) own.parameters.emplace_back("a.z", "1");
  const std::size_t count = result.cases.size();
  for (std::size_t i = 0; i < count; ++i) {
    CaseResult other = result.cases[i];
    other.parameters.back().second = "2";
    other.runs[0].pods[0].created *= 3;
    result.cases.push_back(other);
  }
  result.heat_x = "a.y";
  result.heat_y = "a.x";
  result.heat_metric = "last_pod_s";
  const auto maps = MakeHeatMaps(MeasureExperiment(result));
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[1].x_name, "y");
  EXPECT_EQ(maps[1].cells.front().value, 8) << "the mean of 4 and 12";
  EXPECT_THAT(maps[1].averaged, ElementsAre("z"));
}

TEST(SweepTest, OneSweptSettingMakesNoHeatMap) {
  const ExperimentResult result = Over("p.x", {"1", "2", "3"});
  EXPECT_THAT(MakeHeatMaps(MeasureExperiment(result)), IsEmpty());
}

}  // namespace
}  // namespace kless::experiment
