// report.html: the whole experiment on one page that needs no network.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"
#include "emulator/experiment/report/figures/figures.h"
#include "emulator/experiment/report/html.h"

namespace kless::experiment {

// A figure for the page.
struct InlineFigure {
  std::string name, title, caption;
  std::string svg;  // as written by gnuplot, or
  std::string png;  // its bytes, if the SVG is too long
  std::vector<HtmlLink> links;
};

// Longer SVGs are replaced by their PNG, and so are those after the total is too long, so that the
// page stays below about 5 MB.
constexpr std::size_t kInlineSvgMax = 900'000, kInlineTotalMax = 4'000'000;

struct ReportFiles {
  std::vector<InlineFigure> figures;
  std::vector<std::vector<HtmlLink>> cases;  // for each case: its trace, its database
};

// Reads the output of DrawFigures in the folder, and looks for the files of the cases there;
// missing figures and files are left out.
ReportFiles ReadReportFiles(const MeasuredExperiment& experiment, const FigureSet& set,
                            const std::string& folder);
std::string MakeReport(const MeasuredExperiment& experiment, const ReportFiles& files);

}  // namespace kless::experiment
