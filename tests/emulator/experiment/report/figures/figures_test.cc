#include "emulator/experiment/report/figures/figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "emulator/base/system/process.h"
#include "emulator/experiment/report/data/figure_style.h"
#include "emulator/experiment/report/outputs.h"
#include "tests/emulator/experiment/example_result.h"
#include "tests/emulator/experiment/output_folder.h"

namespace kless::experiment {
namespace {

bool HasGnuplot() { return RunProcess({"gnuplot", "--version"}, "/").has_value(); }

std::vector<std::string> FigureNames(const ExperimentResult& result) {
  const MeasuredExperiment experiment = MeasureExperiment(result);
  std::vector<std::string> names;
  for (const Figure& figure : MakeFigures(experiment, MakeCsvFiles(experiment)).figures) {
    names.push_back(figure.name);
  }
  return names;
}

TEST(FiguresTest, EachGroupHasItsFigures) {
  const std::vector<std::string> names = FigureNames(ExampleResult());
  for (const char* name : {"startup", "pods-fig-5.2a", "latency-fig-5.2a", "environments-fig-5.2a",
                           "feed-fig-5.2a", "pods-fig-5.2b", "pods-sweep", "iterator-age-sweep",
                           "waiting-sweep", "latency-trace", "slowdown", "causes", "heat-map"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "pods-trace"), 0);
  EXPECT_TRUE(FigureNames({}).empty());
}

// The figure of a name; the caller knows that it is there.
Figure FigureOf(const ExperimentResult& result, const std::string& name) {
  const MeasuredExperiment experiment = MeasureExperiment(result);
  for (const Figure& figure : MakeFigures(experiment, MakeCsvFiles(experiment)).figures) {
    if (figure.name == name) return figure;
  }
  return {};
}

std::string ScriptOf(const ExperimentResult& result) {
  const MeasuredExperiment experiment = MeasureExperiment(result);
  return MakeFigures(experiment, MakeCsvFiles(experiment)).script;
}

ExperimentResult OnlyCases(const std::vector<std::size_t>& indices) {
  ExperimentResult result = ExampleResult(kSmallExample);
  std::vector<CaseResult> kept;
  for (const std::size_t index : indices) kept.push_back(result.cases[index]);
  result.cases = kept;
  return result;
}

TEST(FiguresTest, ATitleNamesTheWorkloadAndEveryFigureItsDataAndCases) {
  const ExperimentResult result = ExampleResult(kSmallExample);
  EXPECT_EQ(FigureOf(result, "pods-fig-5.2a").title, "Pods over time, 20 jobs of one pods");
  const MeasuredExperiment experiment = MeasureExperiment(result);
  const std::vector<CsvOutput> files = MakeCsvFiles(experiment);
  for (const Figure& figure : MakeFigures(experiment, files).figures) {
    EXPECT_NE(figure.title, "") << figure.name;
    EXPECT_FALSE(figure.cases.empty()) << figure.name;
    ASSERT_FALSE(figure.data.empty()) << figure.name;
    for (const std::string& path : figure.data) EXPECT_NE(FindCsv(files, path), nullptr) << path;
  }
}

TEST(FiguresTest, GroupsWithOneWorkloadAreToldApart) {
  ExperimentResult result = OnlyCases({0, 1, 3, 4});
  for (CaseResult& own : result.cases) own.workload_rule = "20 Jobs of 1 pod";
  EXPECT_EQ(FigureOf(result, "pods-fig-5.2a").title,
            "Pods over time, 20 jobs of one pod (fig-5.2a)");
}

TEST(FiguresTest, NothingIsDrawnOfWhatAClassicCaseDoesNotHave) {
  ExperimentResult result = OnlyCases({2, 5});
  for (CaseResult& own : result.cases) {
    for (RunResult& run : own.runs) {
      for (FeedSample& sample : run.feed) sample.iterator_age = 0;
      run.environments.push_back({0, 0, 0, 0});
    }
  }
  const std::vector<std::string> names = FigureNames(result);
  for (const std::string& name : names) {
    EXPECT_FALSE(name.starts_with("environments")) << name;
    EXPECT_FALSE(name.starts_with("iterator-age")) << name;
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "waiting-example"), 1);
  EXPECT_EQ(ScriptOf(result).find("iterator age"), std::string::npos);
  for (CaseResult& own : result.cases) {
    for (RunResult& run : own.runs) {
      for (FeedSample& sample : run.feed) sample.queued = 0;
    }
  }
  for (const std::string& name : FigureNames(result)) {
    EXPECT_FALSE(name.starts_with("waiting") || name.starts_with("feed")) << name;
  }
}

TEST(FiguresTest, TheFeedIsDrawnForAsLongAsItsOwnCasesRun) {
  ExperimentResult result = OnlyCases({0, 1, 2});
  for (RunResult& run : result.cases[2].runs) {  // the slowest, and nothing waits in it
    for (FeedSample& sample : run.feed) sample = {sample.at, 0, 0};
  }
  const Figure figure = FigureOf(result, "feed-fig-5.2a");
  EXPECT_EQ(figure.cases, (std::vector<std::size_t>{0, 1}));
  result.cases.resize(2);
  const Figure without = FigureOf(result, "feed-fig-5.2a");
  EXPECT_EQ(without.caption, figure.caption);
}

TEST(FiguresTest, APublishedDifferenceIsNotDrawnAsATime) {
  ExperimentResult result = ExampleResult(kSmallExample);
  PublishedRow difference = result.published[0];
  difference.label = "cold less warm";
  difference.case_name.clear();
  difference.figure = "5.2a";
  result.published = {difference};
  const std::string script = ScriptOf(result);
  EXPECT_EQ(script.find("cold less warm"), std::string::npos);
  EXPECT_EQ(script.find("$published"), std::string::npos);
}

TEST(FiguresTest, APublishedRangeIsDrawnFromEndToEnd) {
  ExperimentResult result = ExampleResult(kSmallExample);
  PublishedRow range = result.published[1];
  range.at_least = 12.9;
  range.at_most = 15;
  result.published = {range};
  const std::string script = ScriptOf(result);
  EXPECT_NE(script.find("$published_0 << END\n13.95,20,12.9,15\nEND"), std::string::npos);
  EXPECT_NE(script.find("$published_0 using 1:2:3:4 with xerrorbars"), std::string::npos);
  EXPECT_EQ(script.find("with vectors head"), std::string::npos);
  EXPECT_NE(script.find("'published 12.9 to 15 s: "), std::string::npos);
}

// Cases over one setting, cold and warm: the last pod of the example at each.
ExperimentResult SweepOver(const std::vector<std::string>& values) {
  ExperimentResult result;
  result.scenario = "swept";
  const ExperimentResult example = ExampleResult(kSmallExample);
  for (const std::size_t index : {std::size_t{0}, std::size_t{1}}) {
    for (const std::string& value : values) {
      CaseResult own = example.cases[index];
      own.name += "-" + value;
      own.entry = own.group = "";
      own.parameters = {{"functions.memory_mb", value}};
      result.cases.push_back(own);
    }
  }
  return result;
}

TEST(FiguresTest, OneSweptNumberIsALineForEachStartWithItsBand) {
  const ExperimentResult result = SweepOver({"128", "512", "1769"});
  const Figure figure = FigureOf(result, "sweep");
  EXPECT_EQ(figure.title, "Last pod over memory_mb, 20 jobs of one pods");
  EXPECT_EQ(figure.caption, "Median of 2 runs; band: lowest and highest.");
  const std::string script = ScriptOf(result);
  EXPECT_NE(script.find("$sweep_last_pod_s_0 using 1:3:($4*(1+1e-9)) with filledcurves"),
            std::string::npos);
  EXPECT_NE(script.find("$sweep_last_pod_s_3 using 1:2 with linespoints"), std::string::npos);
  EXPECT_NE(script.find("'128' 128, '512' 512, '1769' 1769"), std::string::npos);
  const std::vector<std::string> names = FigureNames(result);
  EXPECT_EQ(std::count(names.begin(), names.end(), "heat-map"), 0);
}

TEST(FiguresTest, SweptNamesAreBars) {
  const ExperimentResult result = SweepOver({"type-name", "name-type", "other"});
  EXPECT_EQ(FigureOf(result, "sweep").title, "Last pod by memory_mb, 20 jobs of one pods");
  const std::string script = ScriptOf(result);
  EXPECT_NE(script.find("$sweep_bar_5 using"), std::string::npos);
  EXPECT_NE(script.find("'cold, memory_mb type-name' -0"), std::string::npos);
}

TEST(FiguresTest, TheStartUpOfASweepShowsEverySettingAlsoWhereAllAreEqual) {
  const ExperimentResult result = SweepOver({"128", "512", "1769"});
  const Figure figure = FigureOf(result, "startup");
  EXPECT_EQ(figure.cases.size(), 3u);
  EXPECT_NE(figure.caption.find("It is the same with all of these settings."), std::string::npos);
}

TEST(FiguresTest, CasesThatEachAreAGroupShareTheirFigures) {
  ExperimentResult result = OnlyCases({0, 3});
  result.cases[0].entry = "late";
  result.cases[1].entry = "none";
  const std::vector<std::string> names = FigureNames(result);
  EXPECT_EQ(std::count(names.begin(), names.end(), "pods-example"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "pods-fig-5.2a"), 0);
}

TEST(FiguresTest, TheCapIsNamedByWhatItCounts) {
  const std::string script = ScriptOf(ExampleResult(kSmallExample));
  EXPECT_NE(script.find("'cap on busy and initialising'"), std::string::npos);
  EXPECT_NE(script.find("'invocations refused'"), std::string::npos);
}

TEST(FiguresTest, LabelsCannotRunCommands) {
  EXPECT_EQ(GnuplotString("it's `date` @x \"q\"\nz"), "'it''s `date` @x \"q\" z'");
}

TEST(FiguresTest, DrawsEveryFigureAsSvgAndPng) {
  if (!HasGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const OutputFolder folder;
  ExampleSize size = kSmallExample;
  size.sweep = true;
  ExperimentResult result = ExampleResult(size);
  result.cases[0].label = "it's `echo x` @x \"q\" \\n $y {/Bold z} & <b>";
  result.cases[1].group = "odd / group's";
  const auto remarks = WriteOutputs(result, folder.path(), {});
  ASSERT_TRUE(remarks.has_value());
  for (const std::string& remark : remarks.value()) {
    EXPECT_EQ(remark.find("gnuplot"), std::string::npos) << remark;
  }
  for (const std::string& name : FigureNames(result)) {
    EXPECT_EQ(folder.Read("figures/" + name + ".png").rfind("\x89PNG", 0), 0u) << name;
    const std::string svg = folder.Read("figures/" + name + ".svg");
    EXPECT_NE(svg.find("</svg>"), std::string::npos) << name;
    EXPECT_EQ(svg.find(folder.path()), std::string::npos) << name;
  }
  // The script in the folder redraws the figures without a warning, given a locale with UTF-8.
  const auto again =
      RunProcess({"env", "LC_ALL=C.UTF-8", "gnuplot", "-d", "figures/figures.gp"}, folder.path());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again.value().errors, "");
}

TEST(FiguresTest, EqualResultsGiveEqualBytes) {
  if (!HasGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const OutputFolder a, b;
  ASSERT_TRUE(WriteOutputs(ExampleResult(kSmallExample), a.path(), {}).has_value());
  ASSERT_TRUE(WriteOutputs(ExampleResult(kSmallExample), b.path(), {}).has_value());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(a.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = std::filesystem::relative(entry.path(), a.path()).string();
    EXPECT_TRUE(a.Read(name) == b.Read(name)) << name;
    ++files;
  }
  EXPECT_GT(files, 30u);
}

TEST(FiguresTest, WithoutFiguresNothingIsDrawn) {
  const OutputFolder folder;
  ASSERT_TRUE(WriteOutputs(ExampleResult(), folder.path(), {.figures = false}).has_value());
  EXPECT_FALSE(folder.Has("figures"));
  EXPECT_TRUE(folder.Has("report.html"));
  EXPECT_TRUE(folder.Has("summary.json"));
  EXPECT_TRUE(folder.Has("junit.xml"));
  EXPECT_TRUE(folder.Has("traces/fig-5.2a-classic.json"));
}

TEST(FiguresTest, AFolderThatCannotBeWrittenIsAnError) {
  const OutputFolder folder;
  ASSERT_TRUE(WriteFile(folder.path() + "/data", "a file").has_value());
  const auto written = WriteOutputs(ExampleResult(), folder.path(), {.figures = false});
  ASSERT_TRUE(written.has_error());
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
}

TEST(FiguresTest, AnEmptyExperimentIsWritten) {
  const OutputFolder folder;
  const auto written = WriteOutputs({}, folder.path(), {});
  ASSERT_TRUE(written.has_value());
  EXPECT_TRUE(written.value().empty());
}

// One case with one run whose pods were created at these times.
ExperimentResult PodsAt(const std::vector<std::int64_t>& times) {
  ExperimentResult result;
  result.scenario = "few";
  RunResult run;
  run.jobs.push_back({"a", 0, 0, 0, 0, 0, static_cast<int>(times.size()), 0});
  for (const std::int64_t at : times) {
    PodTiming pod;
    pod.created = at;
    pod.causes[static_cast<std::size_t>(Cause::kCompute)] = at;
    run.pods.push_back(pod);
    run.environments.push_back({at, 0, 1, 0});
    run.feed.push_back({at, 0, 0});
    run.throttles.push_back(at);
  }
  CaseResult own;
  own.name = "only";
  own.runs = {run};
  result.cases = {own};
  return result;
}

TEST(FiguresTest, RunsOfNoTimeOrOfOneInstantAreDrawn) {
  if (!HasGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  for (const std::vector<std::int64_t>& times :
       std::vector<std::vector<std::int64_t>>{{0}, {0, 0}, {1}, {1'000'000}, {0, 1'000'000}}) {
    const OutputFolder folder;
    const auto remarks = WriteOutputs(PodsAt(times), folder.path(), {});
    ASSERT_TRUE(remarks.has_value());
    EXPECT_TRUE(remarks.value().empty()) << remarks.value().front();
  }
}

TEST(FiguresTest, WithoutGnuplotThereIsARemarkAndTheRest) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  const OutputFolder folder;
  const auto remarks = WriteOutputs(ExampleResult(kSmallExample), folder.path(), {});
  setenv("PATH", path.c_str(), 1);
  ASSERT_TRUE(remarks.has_value());
  ASSERT_EQ(remarks.value().size(), 1u);
  EXPECT_EQ(remarks.value()[0].rfind("gnuplot is not installed: no figures", 0), 0u);
  EXPECT_TRUE(folder.Has("figures/figures.gp"));
  EXPECT_NE(folder.Read("report.html").find("</html>"), std::string::npos);
}

TEST(ProcessTest, FailuresAreToldApart) {
  EXPECT_EQ(RunProcess({"no-such-program-anywhere"}, "/").error().code, ErrorCode::kNotFound);
  const auto outcome = RunProcess({"sh", "-c", "pwd >&2; exit 7"}, "/usr");
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome.value().exit_code, 7);
  EXPECT_EQ(outcome.value().errors, "/usr\n");
  EXPECT_EQ(RunProcess({"sh", "-c", "kill -9 $$"}, "/").value().exit_code, 128 + 9);
}

}  // namespace
}  // namespace kless::experiment
