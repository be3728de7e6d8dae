// FigureStyle: the common style of all figures of all reports: the colour distinguishes systems,
// dash and fill of the marker distinguish starts.  A system is a control plane under a latency
// profile.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

// Returns a gnuplot string literal: nothing in it is expanded.
std::string GnuplotString(std::string_view text);

// Returns the width in pixels of `text` in the figures' font at 15 pixels, rounded up for wide
// fonts.
int TextWidth(std::string_view text);

// Returns `text`, or a prefix that is not wider than `width`, with an ellipsis.
std::string FitText(const std::string& text, int width);

// Returns the dash pattern of a start, of a case or of an invocation: "cold", "waited", anything
// else is warm.
std::string StartDash(std::string_view start);

// The colour and marker of each system of an experiment.  The shipped profiles have their own
// colours; the colour of another profile is determined by its name, so that it is the same in all
// reports unless two names of one report have the same colour.
class SystemStyles {
 public:
  explicit SystemStyles(const MeasuredExperiment& experiment);

  // Returns "Kubeλess"; with its latency profile if the experiment has the control plane under
  // several.
  std::string Name(const CaseResult& own) const;
  // Returns "lc rgb '#0072B2'".
  std::string Colour(const CaseResult& own) const;
  // Returns colour, dash and marker: "lc rgb '#0072B2' dt 1 pt 7".
  std::string Line(const CaseResult& own, std::string_view start) const;
  // Returns the marker alone, as a number of gnuplot.
  int Marker(const CaseResult& own, std::string_view start) const;

 private:
  struct Look {
    const char* colour = "";
    int marker = 0;  // filled; the open one is one less
    bool named_with_profile = false;
  };
  using Key = std::pair<std::string, std::string>;  // control plane, profile
  const Look& Of(const CaseResult& own) const;

  std::map<Key, Look> looks_;
};

// Returns the fill of a stage or cause in stacked bars: the same for one name in all figures.
std::string SegmentStyle(const std::string& name);

}  // namespace kless::experiment
