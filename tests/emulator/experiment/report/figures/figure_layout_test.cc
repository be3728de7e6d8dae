#include "emulator/experiment/report/figures/figure_layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "emulator/experiment/report/data/figure_style.h"

namespace kless::experiment {
namespace {

using Ends = std::pair<double, double>;

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

FigureLayout Panels(int count, int columns) {
  FigureLayout layout;
  layout.columns = columns;
  layout.panel_height = 100;
  layout.panels.resize(static_cast<std::size_t>(count));
  for (Panel& panel : layout.panels) panel.elements = {"0"};
  layout.x_label = "time";
  layout.y_label = "pods";
  return layout;
}

TEST(FigureLayoutTest, ALongerLegendMakesTheFigureHigherAndLeavesThePanelsTheirSize) {
  FigureLayout layout = Panels(1, 1);
  const int height = layout.Height(), panel = layout.PanelsBottom() - layout.PanelsTop();
  for (int i = 0; i < 12; ++i) {
    layout.legend.push_back({LegendEntry::Sample::kLine, "lc rgb 'black' dt 1 pt 7",
                             "a case with a name of some length, number " + std::to_string(i)});
  }
  EXPECT_GT(layout.Height(), height + 100);
  EXPECT_EQ(layout.PanelsBottom() - layout.PanelsTop(), panel);
  EXPECT_GE(layout.PanelsTop(), 12 / 2 * 20) << "the rows of the legend stand above the panels";
}

TEST(FigureLayoutTest, LabelsOfTheAxesAreInTheFigureOnceAndTitlesWithEachPanel) {
  FigureLayout layout = Panels(4, 2);
  for (Panel& panel : layout.panels) panel.title = "memory";
  const std::string commands = layout.Commands();
  EXPECT_EQ(Count(commands, "'time'"), 1u);
  EXPECT_EQ(Count(commands, "'pods'"), 1u);
  EXPECT_EQ(Count(commands, "'memory'"), 4u);
  EXPECT_EQ(Count(commands, "unset key"), 1u);
  EXPECT_EQ(Count(commands, "unset multiplot"), 1u);
  EXPECT_EQ(commands.find("layout"), std::string::npos) << "gnuplot places nothing by itself";
}

TEST(FigureLayoutTest, SharedAxesAreLabelledAtTheLowestPanelOfEachColumnAndInTheFirst) {
  const std::string commands = Panels(3, 2).Commands();
  EXPECT_EQ(Count(commands, "set format x '%g'"), 2u);
  EXPECT_EQ(Count(commands, "set format x ''"), 1u);
  EXPECT_EQ(Count(commands, "set format y '%g'"), 2u);
  FigureLayout apart = Panels(4, 2);
  apart.shares_x = apart.shares_y = false;
  EXPECT_EQ(Count(apart.Commands(), "''"), 0u);
  EXPECT_LT(apart.PanelWidth(), Panels(4, 2).PanelWidth());
}

TEST(FigureLayoutTest, LegendLinesOfOneColourKeepTheirDashes) {
  FigureLayout layout = Panels(1, 1);
  layout.legend = {{LegendEntry::Sample::kLine, "lc rgb 'black' dt (9,4) pt 6", "cold"},
                   {LegendEntry::Sample::kLine, "lc rgb 'black' dt 1 pt 7", "warm"}};
  const std::string commands = layout.Commands();
  // gnuplot would draw arrows of one width and colour with the dash of the first.
  EXPECT_NE(commands.find("nohead lw 2.2 lc rgb 'black' dt (9,4)"), std::string::npos) << commands;
  EXPECT_NE(commands.find("nohead lw 2.201 lc rgb 'black' dt 1"), std::string::npos) << commands;
}

TEST(FigureLayoutTest, EndsOfALogarithmicAxisAreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_EQ(LogRange(0.13, 19.6), (Ends{0.1, 20}));
  EXPECT_EQ(LogRange(2, 5), (Ends{2, 5}));
  EXPECT_EQ(LogRange(0.3, 0.45), (Ends{0.2, 0.5}));
  EXPECT_EQ(LogRange(1, 1), (Ends{1, 2}));
  EXPECT_EQ(LogRange(0, 0), (Ends{1, 10}));
}

TEST(FigureLayoutTest, LabelsOfALogarithmicAxisDoNotCrowd) {
  EXPECT_EQ(LogTics(0.5, 2, 6), "'0.5' 0.5, '' 0.6 1, '' 0.7 1, '' 0.8 1, '' 0.9 1, '1' 1, '2' 2");
  EXPECT_EQ(LogTics(0.1, 10, 4).find("'0.2'"), std::string::npos);
  for (const double high : {1.0, 1e2, 1e5, 1e9}) {
    const std::string tics = LogTics(1e-4, high, 4);
    const std::size_t labels = Count(tics, "'") / 2 - Count(tics, "''");
    EXPECT_GE(labels, 2u) << tics;
    EXPECT_LE(labels, 5u) << tics;
  }
  EXPECT_EQ(Count(LogTics(0.1, 10, 0), "''"), Count(LogTics(0.1, 10, 0), "'") / 2);
}

TEST(FigureLayoutTest, StepsOfALinearAxisAreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_DOUBLE_EQ(LinearStep(100, 10), 10);
  EXPECT_DOUBLE_EQ(LinearStep(6.5, 4), 2);
  EXPECT_DOUBLE_EQ(LinearStep(0.0014, 3), 0.0005);
  EXPECT_DOUBLE_EQ(LinearStep(0, 3), 1);
}

TEST(FigureLayoutTest, TextIsCutAtWholeCharacters) {
  EXPECT_EQ(FitText("short", 500), "short");
  const std::string cut = FitText("Kubeλλλλλλλλλλλλ", 70);
  EXPECT_LE(TextWidth(cut), 70);
  EXPECT_TRUE(cut.starts_with("Kubeλ")) << cut;
  EXPECT_TRUE(cut.ends_with("λ…")) << cut;
  EXPECT_EQ(FitText("λλ", 1), "…");
}

}  // namespace
}  // namespace kless::experiment
