// The gnuplot script of all figures: one block per figure, drawn as SVG and as PNG of the same
// proportions.
#pragma once

#include <string>
#include <utility>

#include "emulator/experiment/report/figures/figure_layout.h"

namespace kless::experiment {

class FigureScript {
 public:
  FigureScript();

  // The data of the next figure: a named block, "$NAME".
  void AddBlock(const std::string& name, const std::string& rows);
  void AddFigure(const std::string& name, const FigureLayout& layout);
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace kless::experiment
