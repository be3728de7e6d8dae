// The style that all figures of all reports share: colour tells systems apart, dash and fill of the
// marker tell starts apart.  A system is a control plane under a latency profile.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

// A gnuplot string literal: nothing in it is expanded.
std::string GnuplotString(std::string_view text);

// Width in pixels of `text` in the figures' font at 15 pixels, rounded up for wide fonts.
int TextWidth(std::string_view text);

// `text`, or as much of its beginning as is not wider than `width`, with an ellipsis.
std::string FitText(const std::string& text, int width);

// Dash pattern of a start, of a case or of an invocation: "cold", "waited", anything else is warm.
std::string StartDash(std::string_view start);

// Which colour and marker each system of an experiment has.  The shipped profiles have colours of
// their own; another profile has one that follows from its name, so that it keeps it from report to
// report unless two names of one report meet in a colour.
class SystemStyles {
 public:
  explicit SystemStyles(const MeasuredExperiment& experiment);

  // "Kubeλess"; with its latency profile where the experiment has the control plane under several.
  std::string Name(const CaseResult& own) const;
  // "lc rgb '#0072B2'".
  std::string Colour(const CaseResult& own) const;
  // Colour, dash and marker: "lc rgb '#0072B2' dt 1 pt 7".
  std::string Line(const CaseResult& own, std::string_view start) const;
  // The marker alone, as a number of gnuplot.
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

// Fill of a stage or cause in stacked bars: the same for one name in all figures.
std::string SegmentStyle(const std::string& name);

}  // namespace kless::experiment
