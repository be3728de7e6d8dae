// report.html: everything of an experiment on one page that needs no network.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/figures.h"
#include "emulator/experiment/html.h"
#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

// A figure as it goes into the page.
struct InlineFigure {
  std::string name, title, caption;
  std::string svg;  // as gnuplot wrote it, or
  std::string png;  // its bytes, where the SVG is too long
  std::vector<HtmlLink> links;
};

// Longer SVGs are taken as PNG, and so are those that follow once all together are too long, so
// that the page stays below about 5 MB.
constexpr std::size_t kInlineSvgMax = 900'000, kInlineTotalMax = 4'000'000;

struct ReportFiles {
  std::vector<InlineFigure> figures;
  std::vector<std::vector<HtmlLink>> cases;  // of each case: its trace, its database
};

// Reads what DrawFigures left in the folder, and looks for the files of the cases there; figures
// and files that are not there are left out.
ReportFiles ReadReportFiles(const MeasuredExperiment& experiment, const FigureSet& set,
                            const std::string& folder);
std::string MakeReport(const MeasuredExperiment& experiment, const ReportFiles& files);

}  // namespace kless::experiment
