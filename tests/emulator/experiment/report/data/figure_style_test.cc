#include "emulator/experiment/report/data/figure_style.h"

#include <gtest/gtest.h>

#include <set>

namespace kless::experiment {
namespace {

CaseResult Case(const std::string& control_plane, const std::string& profile,
                const std::string& start = "warm") {
  CaseResult own;
  own.control_plane = control_plane;
  own.system = control_plane == "classic" ? "Kubernetes" : "Kubeλess";
  own.profile = profile;
  own.start = start;
  return own;
}

ExperimentResult Of(const std::vector<CaseResult>& cases) {
  ExperimentResult result;
  result.cases = cases;
  return result;
}

std::string ColourIn(const std::vector<CaseResult>& cases, const CaseResult& own) {
  const ExperimentResult result = Of(cases);
  return SystemStyles(MeasureExperiment(result)).Colour(own);
}

TEST(FigureStyleTest, ASystemHasOneColourInEveryReport) {
  const CaseResult serverless = Case("serverless", "thesis-2024");
  const CaseResult classic = Case("classic", "thesis-2024"),
                   real = Case("classic", "kubernetes-1.36");
  EXPECT_EQ(ColourIn({serverless}, serverless), "lc rgb '#0072B2'");
  EXPECT_EQ(ColourIn({real, classic, serverless}, serverless), "lc rgb '#0072B2'");
  EXPECT_EQ(ColourIn({classic}, classic), ColourIn({serverless, real, classic}, classic));
  EXPECT_NE(ColourIn({classic, real}, classic), ColourIn({classic, real}, real));
}

TEST(FigureStyleTest, ProfilesOfTheUserHaveColoursThatFollowFromTheirNames) {
  const CaseResult mine = Case("serverless", "mine"), thesis = Case("serverless", "thesis-2024");
  EXPECT_EQ(ColourIn({mine}, mine), ColourIn({thesis, mine}, mine));
  EXPECT_NE(ColourIn({thesis, mine}, mine), ColourIn({thesis, mine}, thesis));
  // As long as there are colours, no two profiles share one.
  std::vector<CaseResult> many;
  std::set<std::string> colours;
  for (const char* profile : {"thesis-2024", "aws-2026", "instant", "a", "b", "c"}) {
    many.push_back(Case("serverless", profile));
  }
  for (const CaseResult& own : many) colours.insert(ColourIn(many, own));
  EXPECT_EQ(colours.size(), 6u);
  many.push_back(Case("serverless", "one too many"));
  EXPECT_NE(ColourIn(many, many.back()), "");
}

TEST(FigureStyleTest, DashAndMarkerTellTheStart) {
  const CaseResult cold = Case("serverless", "thesis-2024", "cold");
  const ExperimentResult result = Of({cold});
  const SystemStyles styles(MeasureExperiment(result));
  EXPECT_EQ(styles.Line(cold, "warm"), "lc rgb '#0072B2' dt 1 pt 7");
  EXPECT_EQ(styles.Line(cold, "cold"), "lc rgb '#0072B2' dt (9,4) pt 6");
  EXPECT_NE(StartDash("waited"), StartDash("cold"));
  EXPECT_EQ(StartDash(""), StartDash("warm"));
}

TEST(FigureStyleTest, ASystemIsNamedWithItsProfileOnlyWhereSeveralHaveItsControlPlane) {
  const CaseResult classic = Case("classic", "thesis-2024"),
                   real = Case("classic", "kubernetes-1.36");
  const CaseResult serverless = Case("serverless", "thesis-2024");
  const ExperimentResult both = Of({serverless, classic, real}), one = Of({serverless, classic});
  EXPECT_EQ(SystemStyles(MeasureExperiment(both)).Name(classic), "Kubernetes (thesis-2024)");
  EXPECT_EQ(SystemStyles(MeasureExperiment(both)).Name(serverless), "Kubeλess");
  EXPECT_EQ(SystemStyles(MeasureExperiment(one)).Name(classic), "Kubernetes");
}

TEST(FigureStyleTest, EveryCauseHasAFillOfItsOwn) {
  std::set<std::string> fills;
  for (const std::string& cause : CauseNames()) fills.insert(SegmentStyle(cause));
  EXPECT_EQ(fills.size(), kCauses);
  EXPECT_EQ(SegmentStyle("a stage of the user's"), SegmentStyle("a stage of the user's"));
}

}  // namespace
}  // namespace kless::experiment
