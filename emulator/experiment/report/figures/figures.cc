#include "emulator/experiment/report/figures/figures.h"

#include "emulator/base/system/files.h"
#include "emulator/base/system/process.h"
#include "emulator/experiment/report/figures/figure_bars.h"
#include "emulator/experiment/report/figures/figure_context.h"
#include "emulator/experiment/report/figures/figure_environments.h"
#include "emulator/experiment/report/figures/figure_feed.h"
#include "emulator/experiment/report/figures/figure_lines.h"
#include "emulator/experiment/report/figures/figure_sweep.h"

namespace kless::experiment {
namespace {

std::string FirstLine(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

FigureSet MakeFigures(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files) {
  FigureContext context(experiment, files);
  DrawSweeps(context);
  DrawHeatMaps(context);
  DrawStartup(context);
  for (const CaseGroup& group : experiment.groups) {
    DrawPods(group, context);
    DrawLatency(group, context);
    DrawEnvironments(group, context);
    DrawFeed(group, context);
  }
  DrawSlowdown(context);
  DrawCauses(context);
  return context.Take();
}

Result<void> DrawFigures(FigureSet& set, const std::string& folder) {
  if (set.figures.empty()) return {};
  if (const auto made = MakeFolder(folder + "/figures"); made.has_error()) return made.error();
  KLESS_TRY_VOID(WriteFile(folder + "/figures/figures.gp", set.script));
  // -d: the user's own .gnuplot must not affect these figures.
  const auto drawn = RunProcess({"gnuplot", "-d", "figures/figures.gp"}, folder);
  std::string remark;
  if (drawn.has_error()) {
    remark = drawn.error().code == ErrorCode::kNotFound
                 ? "gnuplot is not installed: no figures; install gnuplot-nox, then run `gnuplot "
                   "figures/figures.gp` in the folder"
                 : "no figures: " + drawn.error().message;
  } else if (drawn.value().exit_code != 0) {
    remark = "gnuplot failed: no figures: " + FirstLine(drawn.value().errors);
  } else {
    return {};
  }
  set.figures.clear();
  set.remarks = {remark};
  return {};
}

}  // namespace kless::experiment
