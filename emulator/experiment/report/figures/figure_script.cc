#include "emulator/experiment/report/figures/figure_script.h"

#include <string_view>

#include "emulator/experiment/report/data/figure_style.h"

namespace kless::experiment {
namespace {

constexpr const char* kPreamble =
    R"(# Draws the figures of this experiment again: `gnuplot figures/figures.gp` in its folder.
set encoding utf8
axes = "set datafile separator ','; set border 3 lw 1; set tics nomirror out scale 0.6,0.35; \
set grid lt 1 lc rgb '#E4E4E4' lw 0.8; set style fill solid 1 noborder"
)";

// The prefix of an SVG's ids.
std::string SvgIdentifier(std::string_view name) {
  std::string identifier;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    identifier += plain ? c : '_';
  }
  return identifier;
}

}  // namespace

FigureScript::FigureScript() : text_(kPreamble) {}

void FigureScript::AddBlock(const std::string& name, const std::string& rows) {
  text_ += "\n$" + name + " << END\n" + rows + "END\n";
}

// The PNG has the proportions of the SVG at 4/3 of its size: 1200 pixels for 900.
void FigureScript::AddFigure(const std::string& name, const FigureLayout& layout) {
  const int height = layout.Height();
  const std::string size = std::to_string(kFigureWidth) + "," + std::to_string(height);
  const std::string large =
      std::to_string(kFigureWidth * 4 / 3) + "," + std::to_string(height * 4 / 3);
  text_ +=
      "\ndo for [format in 'svg png'] {\n"
      "reset\n"
      "if (format eq 'svg') {\n"
      "set terminal svg size " +
      size + " fixed noenhanced font 'Arial,15' name " + GnuplotString(SvgIdentifier(name)) +
      " background rgb 'white'\n"
      "mark = 0.65\n"
      "} else {\n"
      "set terminal pngcairo size " +
      large +
      " noenhanced font 'Arial,15' linewidth 1.5 dashlength 1.3\n"
      "mark = 1\n"
      "}\n"
      "set output 'figures/" +
      name +
      ".'.format\n"
      "eval axes\n" +
      layout.Commands() + "unset output\n}\n";
}

}  // namespace kless::experiment
