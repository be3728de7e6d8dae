#include "emulator/experiment/report_html.h"

#include <gtest/gtest.h>

#include "emulator/experiment/outputs.h"
#include "example_result.h"
#include "output_folder.h"

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
    set.figures.push_back({name, "caption"});
    ASSERT_TRUE(
        WriteFile(folder.path() + "/figures/" + name + ".svg",
                  "<?xml version=\"1.0\"?>\n<svg><g id=\"gnuplot_canvas\"><path id='gpPt0'/>"
                  "<use xlink:href='#gpPt0'/><pattern id = \"gpPat1\"/>"
                  "<path fill=\"url(#gpPat1)\"/></g></svg>")
            .has_value());
  }
  const auto figures = ReadFigures(set, folder.path());
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
  set.figures = {{"a", "caption"}, {"missing", "caption"}};
  const auto figures = ReadFigures(set, folder.path());
  ASSERT_EQ(figures.size(), 1u);
  const std::string page = MakeReport(MeasureExperiment({}), figures);
  EXPECT_NE(page.find("src=\"data:image/png;base64,Ynl0ZXM=\""), std::string::npos);
}

TEST(ReportHtmlTest, AnEmptyExperimentIsAValidPage) {
  const std::string page = Report({});
  EXPECT_EQ(page.rfind("<!DOCTYPE html>", 0), 0u);
  EXPECT_NE(page.find("</html>"), std::string::npos);
}

}  // namespace
}  // namespace kless::experiment
