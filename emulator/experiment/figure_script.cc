#include "emulator/experiment/figure_script.h"

#include <array>

namespace kless::experiment {
namespace {

// Okabe and Ito's palette without its yellow, which paper does not show, and with black.
// https://jfly.uni-koeln.de/color/
constexpr std::array<const char*, 8> kColours = {"#0072B2", "#D55E00", "#009E73", "#000000",
                                                 "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F"};
constexpr std::array<const char*, 8> kDashes = {"1",     "(12,4)",         "(4,3)", "(14,4,3,4)",
                                                "(2,3)", "(14,3,3,3,3,3)", "(8,3)", "(18,4)"};
constexpr std::array<int, 8> kPoints = {7, 5, 9, 11, 6, 4, 8, 10};

// Light and dark, plain and hatched by turns, so that neighbours differ in grey, too.
struct Segment {
  const char* colour;
  const char* fill;
};
constexpr std::array<Segment, 12> kSegments = {{{"#0072B2", "solid 1"},
                                                {"#0072B2", "pattern 4"},
                                                {"#E69F00", "solid 1"},
                                                {"#D55E00", "pattern 2"},
                                                {"#F4C7A1", "solid 1"},
                                                {"#4D4D4D", "pattern 5"},
                                                {"#009E73", "solid 1"},
                                                {"#009E73", "pattern 4"},
                                                {"#CC79A7", "solid 1"},
                                                {"#CC79A7", "pattern 5"},
                                                {"#1B1B1B", "solid 1"},
                                                {"#7F7F7F", "pattern 2"}}};

constexpr const char* kPreamble =
    R"(# Draws the figures of this experiment again: `gnuplot figures/figures.gp` in its folder.
set encoding utf8
axes = "set datafile separator ','; set border 3 lw 1; set tics nomirror out; set grid lt 1 lc rgb '#E4E4E4' lw 0.8; \
set key outside top left horizontal Left reverse samplen 3.5 spacing 1.15; set style fill solid 1 noborder"
)";

// The prefix of an SVG's ids.
std::string Identifier(std::string_view name) {
  std::string identifier;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    identifier += plain ? c : '_';
  }
  return identifier;
}

}  // namespace

std::string GnuplotString(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "'";
}

std::string LineColour(std::size_t n) {
  return std::string("lc rgb '") + kColours[n % kColours.size()] + "'";
}

std::string LineStyle(std::size_t n) {
  return LineColour(n) + " dt " + kDashes[n % kDashes.size()] + " pt " +
         std::to_string(kPoints[n % kPoints.size()]);
}

std::string SegmentStyle(std::size_t n) {
  const Segment& segment = kSegments[n % kSegments.size()];
  const std::string colour = std::string("lc rgb '") + segment.colour + "'";
  const bool solid = std::string_view(segment.fill).starts_with("solid");
  return std::string("fs ") + segment.fill + " border " + (solid ? "lc rgb 'white'" : colour) +
         " fc rgb '" + segment.colour + "'";
}

FigureScript::FigureScript() : text_(kPreamble) {}

void FigureScript::AddBlock(const std::string& name, const std::string& rows) {
  text_ += "\n$" + name + " << END\n" + rows + "END\n";
}

// The PNG has the proportions of the SVG at 4/3 of its size: 1200 pixels for 900.
void FigureScript::AddFigure(const std::string& name, int width, int height,
                             const std::string& body) {
  const std::string size = std::to_string(width) + "," + std::to_string(height);
  const std::string large = std::to_string(width * 4 / 3) + "," + std::to_string(height * 4 / 3);
  text_ +=
      "\ndo for [format in 'svg png'] {\n"
      "reset\n"
      "if (format eq 'svg') {\n"
      "set terminal svg size " +
      size + " fixed noenhanced font 'Arial,15' name " + GnuplotString(Identifier(name)) +
      " background rgb 'white'\n"
      "mark = 0.65\n"
      "} else {\n"
      "set terminal pngcairo size " +
      large +
      " noenhanced font 'Arial,15'\n"
      "mark = 1\n"
      "}\n"
      "set output 'figures/" +
      name +
      ".'.format\n"
      "eval axes\n" +
      body + "unset output\n}\n";
}

std::string PlotCommand(const std::vector<std::string>& elements) {
  std::string command = "plot ";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) command += ", \\\n  ";
    command += elements[i];
  }
  return command + "\n";
}

}  // namespace kless::experiment
