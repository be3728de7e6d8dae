#include "emulator/experiment/report/outputs.h"

#include <optional>

#include "emulator/base/system/files.h"
#include "emulator/experiment/report/data/csv.h"
#include "emulator/experiment/report/data/measured_experiment.h"
#include "emulator/experiment/report/figures/figures.h"
#include "emulator/experiment/report/junit.h"
#include "emulator/experiment/report/perfetto.h"
#include "emulator/experiment/report/report_html.h"
#include "emulator/experiment/report/summary.h"

namespace kless::experiment {
namespace {

Result<void> WriteAll(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files,
                      const std::string& folder) {
  for (const char* part : {"/data", "/traces"}) {
    if (const auto made = MakeFolder(folder + part); made.has_error()) return made.error();
  }
  for (const CsvOutput& file : files) {
    KLESS_TRY_VOID(WriteFile(folder + "/" + file.path, file.text));
  }
  for (const MeasuredCase& own : experiment.cases) {
    const RunResult* const run = own.Representative();
    if (run == nullptr) continue;
    KLESS_TRY_VOID(WriteFile(folder + "/traces/" + FileName(own.result->name) + ".json",
                             MakeTrace(*run, own.result->name)));
  }
  if (const auto junit = MakeJunit(*experiment.result)) {
    KLESS_TRY_VOID(WriteFile(folder + "/junit.xml", *junit));
  }
  return WriteFile(folder + "/summary.json", MakeSummary(experiment));
}

}  // namespace

Result<std::vector<std::string>> WriteOutputs(const ExperimentResult& result,
                                              const std::string& folder,
                                              const OutputOptions& options) {
  const MeasuredExperiment experiment = MeasureExperiment(result);
  const std::vector<CsvOutput> files = MakeCsvFiles(experiment);
  KLESS_TRY_VOID(WriteAll(experiment, files, folder));
  FigureSet figures;
  if (options.figures) {
    figures = MakeFigures(experiment, files);
    KLESS_TRY_VOID(DrawFigures(figures, folder));
  }
  KLESS_TRY_VOID(WriteFile(folder + "/report.html",
                           MakeReport(experiment, ReadReportFiles(experiment, figures, folder))));
  return figures.remarks;
}

}  // namespace kless::experiment
