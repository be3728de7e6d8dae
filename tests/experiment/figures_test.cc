#include "emulator/experiment/figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "emulator/base/process.h"
#include "emulator/experiment/figure_script.h"
#include "emulator/experiment/outputs.h"
#include "example_result.h"
#include "output_folder.h"

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
  for (const char* name :
       {"startup", "pods-fig-5.2a", "latency-fig-5.2a", "environments-fig-5.2a", "feed-fig-5.2a",
        "pods-fig-5.2b", "pods-sweep", "latency-trace", "slowdown", "causes", "heat-map"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "pods-trace"), 0);
  EXPECT_TRUE(FigureNames({}).empty());
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
  // The script in the folder redraws the figures without a warning.
  const auto again = RunProcess({"gnuplot", "-d", "figures/figures.gp"}, folder.path());
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
