// FigureLayout: the positions of all parts of a figure, in pixels of its SVG: a legend above,
// panels in rows and columns with a title each, one label per axis.  Nothing is left to gnuplot's
// own layout, which differs between terminals; so the SVG and the PNG look alike, and a legend
// never covers or shrinks a panel.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kless::experiment {

constexpr int kFigureWidth = 900;

// A row of the legend's table: a sample and its meaning.
struct LegendEntry {
  enum class Sample { kLine, kMarker, kArea };
  Sample sample = Sample::kLine;
  std::string style;  // kLine: "lc .. dt .. pt .."; kMarker: "lc .. pt .."; kArea: "fs .. fc .."
  std::string text;
};

struct Panel {
  std::string title;  // above it, at the left; "": none
  // Commands before the plot: ranges, labels of its own.  Undone after the panel.
  std::string settings;
  std::vector<std::string> elements;  // of the plot command
  std::string y_label;                // of this panel; a common one is in the figure
  // A logarithmic x axis from the first to the second value; its labels are placed where those of x
  // are.
  std::optional<std::pair<double, double>> log_x;
};

struct FigureLayout {
  std::vector<LegendEntry> legend;  // entries in columns of equal width
  std::vector<LegendEntry> marks;   // a second table below it: published values
  std::vector<Panel> panels;        // row by row; at least one
  int columns = 1;
  int panel_height = 0;  // of the area within the axes
  int left = 74;         // room for tick labels and label at the left of each first column
  int right = 22;
  bool shares_y = true;  // tick labels of y only in the first column
  bool shares_x = true;  // tick labels of x only at the lowest panel of each column
  std::string x_label, y_label;

  int Height() const;
  double PanelWidth() const;  // of the area within the axes
  int PanelsTop() const;      // of the first row, from the top
  int PanelsBottom() const;   // of the last row, from the top
  int TicsAcross() const;     // labels that fit below a panel
  int TicsUpwards() const;    // labels that fit beside a panel
  // Returns the commands of the figure, up to the last plot.
  std::string Commands() const;
};

// Returns tick labels of a logarithmic axis from `low` to `high`, at most about `most` of them (0:
// none), with the unlabelled ticks between: "'0.1' 0.1, '' 0.2 1, ...".  REQUIRES: 0 < low <= high.
std::string LogTics(double low, double high, int most);

// Returns the nearest 1, 2 or 5 times a power of ten at or below `low`, and at or above `high`;
// never equal.  REQUIRES: as above, or 0 for both: then 1 and 10.
std::pair<double, double> LogRange(double low, double high);
// Returns 1, 2 or 5 times a power of ten: the step of at most `most` ticks from 0 to `high`.
double LinearStep(double high, int most);

// Returns "plot A, \<newline> B, ...": one element per line.
std::string PlotCommand(const std::vector<std::string>& elements);

}  // namespace kless::experiment
