#include "emulator/experiment/report/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/report/data/csv_table.h"
#include "tests/emulator/experiment/example_result.h"

namespace kless::experiment {
namespace {

using testing::ElementsAre;

using CsvRow = std::vector<std::string>;

// With the header.
std::vector<CsvRow> Read(std::string text) {
  const auto file = std::move(CsvFile::Parse("t.csv", std::move(text)).value());
  std::vector<CsvRow> rows = {file->header()};
  while (file->Next().value()) {
    CsvRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < file->header().size(); ++i) row.emplace_back(file->Cell(i));
  }
  return rows;
}

std::vector<CsvRow> Rows(const std::vector<CsvOutput>& files, const std::string& path) {
  const CsvOutput* const file = FindCsv(files, path);
  return file == nullptr ? std::vector<CsvRow>() : Read(file->text);
}

std::vector<CsvOutput> Files(const ExperimentResult& result) {
  return MakeCsvFiles(MeasureExperiment(result));
}

// Two runs of two pods: at 1 s and 2 s, and at 1 s and 4 s.
ExperimentResult TwoRuns() {
  ExperimentResult result;
  result.scenario = "two";
  CaseResult own;
  own.name = "only";
  for (const std::int64_t second : {2, 4}) {
    RunResult run;
    run.jobs.push_back({"a", 0, 0, 1000, 500'000'000, 2000, 2, 2});
    for (const std::int64_t at : {std::int64_t{1}, second}) {
      PodTiming pod;
      pod.name = "a-" + std::to_string(at);
      pod.created = at * 1'000'000'000;
      pod.start = "warm";
      pod.causes[static_cast<std::size_t>(Cause::kLane)] = pod.created - 100'000'000;
      pod.causes[static_cast<std::size_t>(Cause::kStore)] = 100'000'000;
      run.pods.push_back(pod);
    }
    run.end = second * 1'000'000'000;
    own.runs.push_back(run);
  }
  result.cases.push_back(own);
  return result;
}

TEST(CsvTest, CellsWithSeparatorsQuotesAndLineBreaksSurvive) {
  CsvTable table({"a", "b"});
  table.Text("x,\"y\"\nz").Number(0.5).EndRow();
  table.Text("").Seconds(1'500'000'000).EndRow();
  const std::string text = table.TakeText();
  EXPECT_EQ(text, "a,b\n\"x,\"\"y\"\"\nz\",0.5\n,1.5\n");
  EXPECT_THAT(Read(text),
              ElementsAre(CsvRow{"a", "b"}, CsvRow{"x,\"y\"\nz", "0.5"}, CsvRow{"", "1.5"}));
}

TEST(CsvTest, LinesMayEndInCarriageReturnsAndTheLastOneInNothing) {
  EXPECT_THAT(Read("a,b\r\n1,\"2\"\r\n3,4"),
              ElementsAre(CsvRow{"a", "b"}, CsvRow{"1", "2"}, CsvRow{"3", "4"}));
  EXPECT_EQ(CsvFile::Parse("t.csv", "a\n\"b").value()->Next().error().message,
            "t.csv:2: a quoted cell does not end before the next comma or the line's end");
}

TEST(CsvTest, PodsOverTimeAreStepsOfTheMedianRunWithTheBandOfAllRuns) {
  EXPECT_THAT(Rows(Files(TwoRuns()), "data/pods_over_time-two.csv"),
              ElementsAre(CsvRow{"case", "time_s", "pods", "pods_min", "pods_max"},
                          CsvRow{"only", "0", "0", "0", "0"}, CsvRow{"only", "1", "0", "0", "0"},
                          CsvRow{"only", "1", "1", "1", "1"}, CsvRow{"only", "2", "1", "1", "1"},
                          CsvRow{"only", "2", "2", "1", "2"}, CsvRow{"only", "4", "2", "1", "2"},
                          CsvRow{"only", "4", "2", "2", "2"}));
}

TEST(CsvTest, ContinuumColumnsKlessCannotKnowStayEmpty) {
  EXPECT_THAT(Rows(Files(TwoRuns()), "data/continuum.csv"),
              ElementsAre(CsvRow{"controller_read_workload", "controller_unpacked_workload",
                                 "scheduler_read_pod", "kubelet_pod_received",
                                 "kubelet_applied_sandbox", "started_application", "case"},
                          CsvRow{"0.5", "0.9", "1", "", "", "", "only"},
                          CsvRow{"0.5", "1.9", "2", "", "", "", "only"}));
}

TEST(CsvTest, CausesOfAPodAddUpToItsLatency) {
  const auto rows = Rows(Files(ExampleResult()), "pods.csv");
  ASSERT_GT(rows.size(), 600u);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 7; k < rows[i].size(); ++k) sum += std::stod(rows[i][k]);
    ASSERT_NEAR(sum, std::stod(rows[i][5]), 1e-9) << rows[i][2];
  }
}

TEST(CsvTest, LatencyCurvesEndAtOne) {
  const auto files = Files(ExampleResult());
  const auto rows = Rows(files, "data/latency_cdf.csv");
  const CsvOutput* const file = FindCsv(files, "data/latency_cdf.csv");
  ASSERT_NE(file, nullptr);
  for (const CsvSeries& series : file->series) {
    ASSERT_GT(series.row_count, 0u);
    EXPECT_EQ(rows[series.first_row + series.row_count].back(), "1");
    EXPECT_EQ(rows[series.first_row + series.row_count][1], series.kind);
  }
}

TEST(CsvTest, LongSeriesAreThinnedAndKeepTheirEnds) {
  ExampleSize size;
  size.jobs = 1200;
  size.repeats = 1;
  size.sweep = size.trace = false;
  const ExperimentResult result = ExampleResult(size);
  const auto files = Files(result);
  for (const CsvOutput& file : files) {
    for (const CsvSeries& series : file.series) EXPECT_LE(series.row_count, kSeriesRowsMax);
  }
  const auto rows = Rows(files, "data/pods_over_time-fig-5.2a.csv");
  EXPECT_EQ(rows[FindCsv(files, "data/pods_over_time-fig-5.2a.csv")->series[0].row_count][2],
            "1200");
  EXPECT_EQ(Rows(files, "pods.csv").size(), 6 * 1200u + 1);
}

TEST(CsvTest, ThinningKeepsPeaks) {
  std::vector<double> values(1000);
  values[377] = 9;
  const auto kept = ThinToPeaks(values, 20);
  EXPECT_EQ(kept.size(), 20u);
  EXPECT_EQ(kept.front(), 0u);
  EXPECT_EQ(kept.back(), 999u);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 377), 1);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
  EXPECT_THAT(ThinEvenly(5, 3), ElementsAre(0, 2, 4));
  EXPECT_THAT(ThinEvenly(1, 3), ElementsAre(0));
  EXPECT_TRUE(ThinEvenly(0, 3).empty());
  EXPECT_TRUE(ThinToPeaks({}, 3).empty());
}

TEST(CsvTest, EveryFigureAndTableHasItsFile) {
  const auto files = Files(ExampleResult());
  for (const char* path :
       {"data/startup.csv", "data/pods_over_time-fig-5.2a.csv", "data/pods_over_time-fig-5.2b.csv",
        "data/latency_cdf.csv", "data/environments.csv", "data/throttles.csv", "data/feed.csv",
        "data/slowdown.csv", "data/causes.csv", "data/heat_map.csv", "data/continuum.csv",
        "data/published.csv", "data/metrics.csv", "data/costs.csv", "data/elasticity.csv",
        "data/slo.csv", "pods.csv"}) {
    EXPECT_NE(FindCsv(files, path), nullptr) << path;
  }
  EXPECT_EQ(FindCsv(files, "data/pods_over_time-trace.csv"), nullptr);  // it has no pods
  EXPECT_TRUE(Files({}).empty());
}

TEST(CsvTest, TheHeatMapIsOrderedByNumber) {
  const auto rows = Rows(Files(ExampleResult()), "data/heat_map.csv");
  ASSERT_EQ(rows.size(), 7u);
  EXPECT_EQ(rows[1][0] + "/" + rows[1][1], "128/1");
  EXPECT_EQ(rows[3][0] + "/" + rows[3][1], "1769/1");
  EXPECT_EQ(rows[6][0] + "/" + rows[6][1], "1769/4");
}

}  // namespace
}  // namespace kless::experiment
