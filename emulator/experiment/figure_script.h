// The gnuplot script of all figures: styles that stay apart in colour, for colour-blind readers,
// and in black-and-white print; quoting; one block per figure, drawn as SVG and as PNG.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::experiment {

// A gnuplot string literal: nothing in it is expanded.
std::string GnuplotString(std::string_view text);

// Colour, dash type and point type of the n-th line: "lc rgb '#0072B2' dt 1 pt 7".
std::string LineStyle(std::size_t n);
// Colour of the n-th area or band: "lc rgb '#0072B2'".
std::string LineColour(std::size_t n);
// Fill of the n-th segment of stacked bars: colour and pattern.
std::string SegmentStyle(std::size_t n);

class FigureScript {
 public:
  FigureScript();

  // Data of the figure that follows: a named block, "$NAME".
  void AddBlock(const std::string& name, const std::string& rows);
  // `body` are gnuplot commands that end in one or several plots; sizes in pixels of the SVG.
  void AddFigure(const std::string& name, int width, int height, const std::string& body);
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// "plot A, \<newline> B, ...": one element a line.
std::string PlotCommand(const std::vector<std::string>& elements);

}  // namespace kless::experiment
