#include "emulator/experiment/report/report_html.h"

#include <gtest/gtest.h>

#include "emulator/experiment/report/outputs.h"
#include "tests/emulator/experiment/example_result.h"
#include "tests/emulator/experiment/output_folder.h"

namespace kless::experiment {
namespace {

std::string Report(const ExperimentResult& result) {
  return MakeReport(MeasureExperiment(result), {});
}

TEST(ReportHtmlTest, AllTextIsEscaped) {
  ExperimentResult result = ExampleResult();
  const std::string evil = "<script>alert('x')</script>\"&";
  result.description = result.cases[0].label = result.cases[0].group = evil;
  result.published[0].label = result.published[0].source = result.fitted[0].evidence = evil;
  result.findings = {evil};
  result.thresholds[0].detail = evil;
  result.cases[0].workload_rule = result.cases[0].runs[0].problem = evil;
  result.sources = {{evil, evil}};
  const std::string page = Report(result);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"),
            std::string::npos);
  EXPECT_NE(page.find("<title>Kubeλess &amp; Kubernetes &lt;compared&gt;</title>"),
            std::string::npos);
}

TEST(ReportHtmlTest, NothingIsLoadedFromElsewhere) {
  const OutputFolder folder;
  ASSERT_TRUE(WriteOutputs(ExampleResult(kSmallExample), folder.path(), {}).has_value());
  const std::string page = folder.Read("report.html");
  for (const char* loads : {"src=\"http", "url(http", "@import", "<link", "<script", "<iframe"}) {
    EXPECT_EQ(page.find(loads), std::string::npos) << loads;
  }
  EXPECT_EQ(page.find(folder.path()), std::string::npos);
  EXPECT_LT(page.size(), 5'000'000u);
}

TEST(ReportHtmlTest, HasATableForEachKindOfResult) {
  const std::string page = Report(ExampleResult());
  for (const char* heading :
       {"Findings", "Published and emulated", "Thresholds", "Overview", "Where the time went",
        "Service level objectives", "Costs", "Elasticity", "Event amplification", "Metrics by case",
        "Fitted parameters", "Cases", "Sources of the numbers"}) {
    EXPECT_NE(page.find(">" + std::string(heading) + "</h2>"), std::string::npos) << heading;
  }
  EXPECT_NE(page.find("&gt; 12.9 s"), std::string::npos);
  EXPECT_NE(page.find("<td class=\"off\">off</td>"), std::string::npos);
  EXPECT_EQ(page.find(">Figures</h2>"), std::string::npos);
}

TEST(ReportHtmlTest, FiguresOfOnePageDoNotShareIds) {
  const OutputFolder folder;
  ASSERT_TRUE(MakeFolder(folder.path() + "/figures").has_value());
  FigureSet set;
  for (const char* name : {"a", "b"}) {
    set.figures.push_back({name, "title", "caption", {}, {}});
    ASSERT_TRUE(
        WriteFile(
            folder.path() + "/figures/" + name + ".svg",
            "<?xml version=\"1.0\"?>\n<svg><g id=\"gnuplot_canvas\"><path id='gpPt0'/>"
            "<title>commands of gnuplot</title><use xlink:href='#gpPt0'/><pattern id = \"gpPat1\"/>"
            "<path fill=\"url(#gpPat1)\"/></g></svg>")
            .has_value());
  }
  const auto figures = ReadReportFiles(MeasureExperiment({}), set, folder.path()).figures;
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].svg,
            "<svg><g id=\"f0_gnuplot_canvas\"><path id='f0_gpPt0'/><use "
            "xlink:href='#f0_gpPt0'/><pattern id = \"f0_gpPat1\"/><path "
            "fill=\"url(#f0_gpPat1)\"/></g></svg>");
  EXPECT_NE(figures[0].svg, figures[1].svg);
}

TEST(ReportHtmlTest, LongDrawingsAreTakenAsPictures) {
  const OutputFolder folder;
  ASSERT_TRUE(MakeFolder(folder.path() + "/figures").has_value());
  ASSERT_TRUE(WriteFile(folder.path() + "/figures/a.svg",
                        "<svg>" + std::string(kInlineSvgMax, ' ') + "</svg>")
                  .has_value());
  ASSERT_TRUE(WriteFile(folder.path() + "/figures/a.png", "bytes").has_value());
  FigureSet set;
  set.figures = {{"a", "title", "caption", {}, {}}, {"missing", "title", "caption", {}, {}}};
  const auto files = ReadReportFiles(MeasureExperiment({}), set, folder.path());
  ASSERT_EQ(files.figures.size(), 1u);
  const std::string page = MakeReport(MeasureExperiment({}), files);
  EXPECT_NE(page.find("src=\"data:image/png;base64,Ynl0ZXM=\""), std::string::npos);
}

TEST(ReportHtmlTest, EveryFigureHasANumberATitleAndLinksToFilesThatAreThere) {
  const OutputFolder folder;
  const ExperimentResult result = ExampleResult(kSmallExample);
  ASSERT_TRUE(MakeFolder(folder.path() + "/runs").has_value());
  ASSERT_TRUE(WriteFile(folder.path() + "/runs/fig-5.2a-classic.db", "a database").has_value());
  const auto remarks = WriteOutputs(result, folder.path(), {});
  ASSERT_TRUE(remarks.has_value());
  const std::string page = folder.Read("report.html");
  EXPECT_NE(page.find("<a href=\"traces/fig-5.2a-classic.json\">trace</a> · <a "
                      "href=\"runs/fig-5.2a-classic.db\">database</a>"),
            std::string::npos);
  for (auto at = page.find("<a href=\""); at != std::string::npos;
       at = page.find("<a href=\"", at)) {
    at += 9;
    const std::string target = page.substr(at, page.find('"', at) - at);
    if (target.starts_with("#")) {
      EXPECT_NE(page.find("id=\"" + target.substr(1) + "\""), std::string::npos) << target;
    } else {
      EXPECT_TRUE(folder.Has(target)) << target;
    }
  }
  if (!remarks.value().empty()) GTEST_SKIP() << remarks.value().front();
  EXPECT_NE(page.find("<figcaption><b>Figure 1. "), std::string::npos);
  EXPECT_NE(page.find("<b>Figure 2. Pods over time, 20 jobs of one pods.</b>"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"data/pods_over_time-fig-5.2a.csv\">"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"figures/pods-fig-5.2a.svg\">pods-fig-5.2a.svg</a>"),
            std::string::npos);
  EXPECT_EQ(page.find("<title>gnuplot"), std::string::npos);
}

TEST(ReportHtmlTest, AWhatIfIsNamedDirectlyUnderTheTitle) {
  ExperimentResult result = ExampleResult();
  EXPECT_EQ(Report(result).find("What-if"), std::string::npos);
  result.changes = {"--without init", "--set a.b=<1>"};
  EXPECT_NE(
      Report(result).find("</h1>\n<p class=\"what-if\">What-if: run with --without init, --set "
                          "a.b=&lt;1&gt;.</p>"),
      std::string::npos);
  result.published[0].what_if = result.changes;
  EXPECT_NE(
      Report(result).find("&gt;. Published values of what this changes are shown, not judged."),
      std::string::npos);
}

TEST(ReportHtmlTest, MetricsHaveTheirDefinitionsWithThem) {
  const std::string page = Report(ExampleResult());
  EXPECT_NE(page.find("<dt>last_pod_s</dt><dd>time from the first submission until the last pod is "
                      "written.</dd>"),
            std::string::npos);
  EXPECT_NE(page.find("<dt>pod_latency_p50_ms, pod_latency_p99_ms</dt>"), std::string::npos);
  EXPECT_NE(page.find("<span class=\"sub\">share of the time in which supply and demand move in "
                      "different directions.</span>"),
            std::string::npos);
  EXPECT_NE(page.find("<dt>lane</dt>"), std::string::npos);
}

TEST(ReportHtmlTest, AnObjectiveIsOneRowWhateverTheNumberOfCases) {
  ExampleSize size;
  size.group_count = 4;
  const std::string page = Report(ExampleResult(size));
  const auto begin = page.find(">Service level objectives</h2>");
  const std::string part = page.substr(begin, page.find("<h2", begin) - begin);
  std::size_t rows = 0;
  for (auto at = part.find("<tr>"); at != std::string::npos; at = part.find("<tr>", at + 1)) ++rows;
  EXPECT_EQ(rows, 1 + 2u) << part;
  EXPECT_NE(part.find(" of 30</td>"), std::string::npos) << part;
  EXPECT_NE(part.find(" more</td>"), std::string::npos) << part;
}

TEST(ReportHtmlTest, ManyCasesStandDownwardsAndWhatIsEqualIsSaidOnce) {
  const std::string page = Report(ExampleResult());
  EXPECT_NE(page.find("The same in all cases and runs: "), std::string::npos);
  EXPECT_NE(page.find("timeouts 0"), std::string::npos);
}

TEST(ReportHtmlTest, AnEmptyExperimentIsAValidPage) {
  const std::string page = Report({});
  EXPECT_EQ(page.rfind("<!DOCTYPE html>", 0), 0u);
  EXPECT_NE(page.find("</html>"), std::string::npos);
}

}  // namespace
}  // namespace kless::experiment
