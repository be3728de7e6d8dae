#include "emulator/experiment/report/figures/figure_layout.h"

#include <algorithm>
#include <cmath>

#include "emulator/base/number_text.h"
#include "emulator/experiment/report/data/figure_style.h"

namespace kless::experiment {
namespace {

// In pixels.
constexpr int kLegendRow = 24, kLegendTop = 8, kLegendGap = 10;
constexpr int kSampleLength = 46, kSampleGap = 8, kLegendColumnGap = 26;
constexpr int kLegendLeft = 16;
constexpr int kTitleRow = 28;  // above a panel that has a title
constexpr int kTicksRow = 32;  // tick labels of x
constexpr int kRowGap = 16;
constexpr int kColumnGap = 26;
constexpr int kAxisLabelRow = 28;  // the label of x, below the ticks
constexpr int kBottomMargin = 10;

int LegendColumns(const std::vector<LegendEntry>& entries) {
  int widest = 1;
  for (const LegendEntry& entry : entries) widest = std::max(widest, TextWidth(entry.text));
  const int column = kSampleLength + kSampleGap + widest + kLegendColumnGap;
  const int columns = (kFigureWidth - kLegendLeft + kLegendColumnGap) / column;
  return std::clamp(columns, 1, std::max(1, static_cast<int>(entries.size())));
}

int LegendRows(const std::vector<LegendEntry>& entries) {
  const int columns = LegendColumns(entries);
  return (static_cast<int>(entries.size()) + columns - 1) / columns;
}

int LegendHeight(const FigureLayout& layout) {
  const int rows = LegendRows(layout.legend) + LegendRows(layout.marks);
  return rows == 0 ? kLegendTop : kLegendTop + rows * kLegendRow + kLegendGap;
}

int PanelRows(const FigureLayout& layout) {
  return (static_cast<int>(layout.panels.size()) + layout.columns - 1) / layout.columns;
}

int PanelTitleHeight(const FigureLayout& layout) {
  return std::any_of(layout.panels.begin(), layout.panels.end(),
                     [](const Panel& panel) { return !panel.title.empty(); })
             ? kTitleRow
             : kRowGap;
}

// Returns the distance from the top of one row's panels to that of the next.
int RowPitch(const FigureLayout& layout) {
  return layout.panel_height + PanelTitleHeight(layout) + (layout.shares_x ? 0 : kTicksRow);
}

// Converts pixels to gnuplot's screen coordinates, which rise from the bottom.
class Screen {
 public:
  explicit Screen(int height) : height_(height) {}
  std::string X(double pixels) const { return FormatNumber(pixels / kFigureWidth); }
  std::string Y(double pixels) const { return FormatNumber(1 - pixels / height_); }
  std::string Point(double x, double y) const { return "screen " + X(x) + ", screen " + Y(y); }

 private:
  double height_;
};

// Returns the part of a style that applies to a marker: without its dash.
std::string MarkerStyle(const std::string& style) {
  const auto dash = style.find(" dt ");
  if (dash == std::string::npos) return style;
  const auto end = style.find(' ', dash + 4);
  return style.substr(0, dash) + (end == std::string::npos ? "" : style.substr(end));
}

std::string LineOnly(const std::string& style) {
  const auto marker = style.find(" pt ");
  return marker == std::string::npos ? style : style.substr(0, marker);
}

std::string DrawEntry(const LegendEntry& entry, const Screen& screen, double x, double y,
                      std::size_t number) {
  const double end = x + kSampleLength, middle = x + kSampleLength / 2.0;
  std::string text;
  switch (entry.sample) {
    case LegendEntry::Sample::kLine:
      // gnuplot's SVG combines arrows of the same colour and width into one path with one dash.
      text += "set arrow from " + screen.Point(x, y) + " to " + screen.Point(end, y) +
              " nohead lw " + FormatNumber(2.2 + 0.001 * static_cast<double>(number)) + " " +
              LineOnly(entry.style) + "\n";
      if (entry.style.find(" pt ") == std::string::npos) break;
      text += "set label '' at " + screen.Point(middle, y) + " point ps 0.9*mark " +
              MarkerStyle(entry.style) + "\n";
      break;
    case LegendEntry::Sample::kMarker:
      text += "set label '' at " + screen.Point(middle, y) + " point ps 1.4*mark lw 2 " +
              MarkerStyle(entry.style) + "\n";
      break;
    case LegendEntry::Sample::kArea:
      text += "set object rectangle from " + screen.Point(x + 6, y - 7) + " to " +
              screen.Point(end, y + 7) + " " + entry.style + "\n";
      break;
  }
  return text + "set label " + GnuplotString(entry.text) + " at " +
         screen.Point(end + kSampleGap, y) + " left\n";
}

std::string DrawLegend(const std::vector<LegendEntry>& entries, const Screen& screen, int top) {
  if (entries.empty()) return "";
  const int columns = LegendColumns(entries);
  int widest = 1;
  for (const LegendEntry& entry : entries) widest = std::max(widest, TextWidth(entry.text));
  const int pitch = kSampleLength + kSampleGap + widest + kLegendColumnGap;
  std::string text;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto row = static_cast<int>(i) / columns, column = static_cast<int>(i) % columns;
    text += DrawEntry(entries[i], screen, kLegendLeft + column * pitch,
                      top + row * kLegendRow + kLegendRow / 2.0, i);
  }
  return text;
}

}  // namespace

int FigureLayout::Height() const {
  return LegendHeight(*this) + PanelRows(*this) * RowPitch(*this) + (shares_x ? kTicksRow : 0) +
         (x_label.empty() ? 0 : kAxisLabelRow) + kBottomMargin;
}

double FigureLayout::PanelWidth() const {
  const int gap = shares_y ? kColumnGap : left;
  return static_cast<double>(kFigureWidth - left - right - (columns - 1) * gap) / columns;
}

int FigureLayout::PanelsTop() const { return LegendHeight(*this) + PanelTitleHeight(*this); }

int FigureLayout::PanelsBottom() const {
  return LegendHeight(*this) + PanelRows(*this) * RowPitch(*this) - (shares_x ? 0 : kTicksRow);
}

int FigureLayout::TicsAcross() const {
  constexpr int kTicPitch = 66;
  return std::clamp(static_cast<int>(PanelWidth()) / kTicPitch, 2, 12);
}

int FigureLayout::TicsUpwards() const {
  constexpr int kTicPitch = 40;
  return std::max(3, panel_height / kTicPitch);
}

std::string FigureLayout::Commands() const {
  const Screen screen(Height());
  const int legend_rows = LegendRows(legend);
  const auto count = static_cast<int>(panels.size());
  const int gap = shares_y ? kColumnGap : left;
  const double width = PanelWidth();
  std::string text = "unset key\n";
  text += DrawLegend(legend, screen, kLegendTop);
  text += DrawLegend(marks, screen, kLegendTop + legend_rows * kLegendRow);
  const int top = LegendHeight(*this), pitch = RowPitch(*this), title = PanelTitleHeight(*this);
  const double middle_y = top + (PanelRows(*this) * pitch + title) / 2.0;
  if (!y_label.empty()) {
    text += "set label " + GnuplotString(y_label) + " at " + screen.Point(14, middle_y) +
            " center rotate by 90\n";
  }
  if (!x_label.empty()) {
    text += "set label " + GnuplotString(x_label) + " at " +
            screen.Point((left + kFigureWidth - right) / 2.0, Height() - kBottomMargin - 10) +
            " center\n";
  }
  if (count > 1) text += "set multiplot\n";
  for (int i = 0; i < count; ++i) {
    const Panel& panel = panels[static_cast<std::size_t>(i)];
    const int row = i / columns, column = i % columns;
    const double x = left + column * (width + gap);
    const double y = top + title + row * pitch;
    text += "set lmargin at screen " + screen.X(x) + "\nset rmargin at screen " +
            screen.X(x + width) + "\nset tmargin at screen " + screen.Y(y) +
            "\nset bmargin at screen " + screen.Y(y + panel_height) + "\n";
    const bool lowest = i + columns >= count;
    text += std::string("set format x '") + (shares_x && !lowest ? "" : "%g") + "'\n";
    text += std::string("set format y '") + (shares_y && column > 0 ? "" : "%g") + "'\n";
    if (!panel.title.empty()) {
      text +=
          "set label " + GnuplotString(panel.title) + " at " + screen.Point(x, y - 12) + " left\n";
    }
    if (!panel.y_label.empty()) {
      text += "set label " + GnuplotString(panel.y_label) + " at " +
              screen.Point(x - left + 14, y + panel_height / 2.0) + " center rotate by 90\n";
    }
    if (panel.log_x) {
      const auto [begin, end] = *panel.log_x;
      text += "set logscale x\nset xrange [" + FormatNumber(begin) + ":" + FormatNumber(end) +
              "]\nset xtics (" +
              LogTics(begin, end, shares_x && !lowest ? 0 : std::max(4, TicsAcross())) + ")\n";
    }
    text += panel.settings + PlotCommand(panel.elements);
    if (i + 1 < count) text += "unset label\nunset arrow\nunset object\n";
  }
  if (count > 1) text += "unset multiplot\n";
  return text;
}

std::string LogTics(double low, double high, int most) {
  // A value on a power of ten belongs to its decade whatever its last bits are.
  const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  const int decades = std::max(1, last - first);
  const bool has_fifths = decades * 3 <= most;
  const int step = most > 0 ? (decades + most) / most : 1;
  std::string text;
  const auto add = [&](double value, bool labelled) {
    if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) return;
    const std::string number = FormatNumber(value);
    text += (text.empty() ? "" : ", ") + (labelled ? "'" + number + "' " : std::string("'' ")) +
            number + (labelled ? "" : " 1");
  };
  for (int exponent = first; exponent <= last; ++exponent) {
    const double power = std::pow(10, exponent);
    for (int digit = 1; digit <= 9; ++digit) {
      const bool labelled = most > 0 && (digit == 1 ? (exponent - first) % step == 0
                                                    : has_fifths && (digit == 2 || digit == 5));
      if (digit == 1 || step == 1) add(digit * power, labelled);
    }
  }
  return text;
}

std::pair<double, double> LogRange(double low, double high) {
  if (low <= 0 || high <= 0) return {1, 10};
  constexpr double kNear = 1e-9;
  const auto first = [](double value) {
    const double power = std::pow(10, std::floor(std::log10(value) + kNear));
    return value >= 5 * power * (1 - kNear)   ? 5 * power
           : value >= 2 * power * (1 - kNear) ? 2 * power
                                              : power;
  };
  const auto last = [](double value) {
    const double power = std::pow(10, std::floor(std::log10(value) + kNear));
    return value <= power * (1 + kNear)       ? power
           : value <= 2 * power * (1 + kNear) ? 2 * power
           : value <= 5 * power * (1 + kNear) ? 5 * power
                                              : 10 * power;
  };
  const double begin = first(low), end = last(high);
  return {begin, end > begin ? end : end * 2};
}

double LinearStep(double high, int most) {
  if (high <= 0) return 1;
  const double least = high / std::max(1, most);
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string PlotCommand(const std::vector<std::string>& elements) {
  std::string command = "plot ";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) command += ", \\\n  ";
    command += elements[i] + " notitle";
  }
  return command + "\n";
}

}  // namespace kless::experiment
