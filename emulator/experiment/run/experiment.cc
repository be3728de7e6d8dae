#include "emulator/experiment/run/experiment.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/system/worker_processes.h"
#include "emulator/experiment/run/judgement.h"
#include "emulator/experiment/run/notes.h"
#include "emulator/experiment/run/run.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {
namespace {

// One run: of a case, or of a case with one figure left out of the fit.
struct PlannedRun {
  const CaseSpec* spec = nullptr;
  std::uint64_t seed = 0;
  std::vector<RunResult>* into = nullptr;
  bool keeps_files = false;
};

class Experimenter {
 public:
  Experimenter(const Scenario& scenario, const ExperimentOptions& options)
      : scenario_(scenario), options_(options) {}

  Result<ExperimentResult> Run() {
    Plan();
    if (options_.progress) options_.progress(0, tasks_.size());
    KLESS_TRY_VOID(options_.processes > 1 && tasks_.size() > 1 && !options_.real ? RunApart()
                                                                                 : RunHere());
    Describe();
    made_.notes = NotesOnExperiment(scenario_, made_);
    Judge(scenario_, left_out_, &made_);
    return std::move(made_);
  }

 private:
  void PlanCases(const std::vector<CaseSpec>& specs, std::vector<std::vector<RunResult>>* into,
                 bool keeps_files) {
    into->resize(specs.size());
    for (std::size_t i = 0; i < specs.size(); ++i) {
      (*into)[i].resize(scenario_.seeds.size());
      for (std::size_t j = 0; j < scenario_.seeds.size(); ++j) {
        tasks_.push_back({&specs[i], scenario_.seeds[j], &(*into)[i], keeps_files && j == 0});
        slots_.push_back(j);
      }
    }
  }

  void Plan() {
    PlanCases(scenario_.cases, &runs_, !options_.folder.empty());
    left_out_.resize(scenario_.published.size());
    for (std::size_t i = 0; i < scenario_.published.size(); ++i) {
      PlanCases(scenario_.published[i].left_out, &left_out_[i].of, false);
      PlanCases(scenario_.published[i].left_out_minus, &left_out_[i].minus, false);
    }
  }

  Result<RunResult> RunTask(std::size_t index) const {
    const PlannedRun& task = tasks_[index];
    RunOptions options;
    options.real = options_.real;
    options.interrupted = options_.interrupted;
    if (task.keeps_files) {
      const std::string base = options_.folder + "/runs/" + task.spec->name;
      options.database = base + ".db";
      if (task.spec->run.snapshot_at) options.snapshot = base + "-snapshot.db";
    }
    auto result = experiment::Run(task.spec->run, task.seed, options);
    if (result.has_error() && result.error().code != ErrorCode::kCancelled) {
      return MakeError(result.error().code,
                       "case " + task.spec->name + ": " + result.error().message);
    }
    return result;
  }

  Result<void> RunHere() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      KLESS_TRY(auto result, RunTask(i));
      (*tasks_[i].into)[slots_[i]] = std::move(result);
      if (options_.progress) options_.progress(i + 1, tasks_.size());
    }
    return {};
  }

  Result<void> RunApart() {
    std::size_t ended = 0;
    const auto run = [this](std::size_t index) -> Result<std::string> {
      KLESS_TRY(auto result, RunTask(index));
      return DumpJson(RunResultToJson(result));
    };
    const auto done = [&](std::size_t) {
      ++ended;
      if (options_.progress) options_.progress(ended, tasks_.size());
    };
    KLESS_TRY(auto texts,
              RunInProcesses(tasks_.size(), options_.processes, run, done, options_.interrupted));
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      KLESS_TRY(const auto parsed, ParseJson(texts[i]));
      KLESS_TRY(auto result, RunResultFromJson(parsed));
      (*tasks_[i].into)[slots_[i]] = std::move(result);
      texts[i].clear();
    }
    return {};
  }

  std::string Rule(const CaseSpec& spec) const {
    if (spec.run.recording) {
      return "The " + std::to_string(spec.run.recording->requests.size()) +
             " requests of a recorded session, at their times.";
    }
    const auto description = ParseJson(spec.run.workload);
    if (description.has_error()) return {};
    Random random(scenario_.seeds.front(), "workload");
    const auto workload = MakeWorkload(description.value(), spec.run.folder, random);
    return workload.has_value() ? workload.value().rule : std::string();
  }

  void Describe() {
    made_.scenario = scenario_.name;
    made_.title = scenario_.title;
    made_.description = scenario_.description;
    made_.fitted = scenario_.fitted;
    made_.heat_x = scenario_.heat_x;
    made_.heat_y = scenario_.heat_y;
    made_.heat_metric = scenario_.heat_metric;
    for (std::size_t i = 0; i < scenario_.cases.size(); ++i) {
      const CaseSpec& spec = scenario_.cases[i];
      CaseResult made;
      made.name = spec.name;
      made.label = spec.label;
      made.system = spec.system;
      for (const std::string& change : spec.changes) {
        std::vector<std::string>& all = made_.changes;
        if (std::find(all.begin(), all.end(), change) == all.end()) all.push_back(change);
      }
      made.entry = spec.entry;
      made.group = spec.group;
      made.control_plane = ControlPlaneName(spec.run.config.control_plane);
      made.start = spec.start;
      made.profile = spec.run.config.latency.name;
      made.parameters = spec.parameters;
      if (options_.real) made.parameters.emplace_back("real", "true");
      made.workload_rule = Rule(spec);
      made.runs = std::move(runs_[i]);
      made.representative = MedianRun(made.runs);
      for (const auto& [path, source] : spec.run.config.latency.sources) {
        std::string& text = made_.sources[made.profile + ": " + path];
        text = source.source + " (" + source.date +
               (source.n ? ", n = " + std::to_string(*source.n) : "") + ")" +
               (source.note.empty() ? "" : ": " + source.note);
      }
      made_.cases.push_back(std::move(made));
    }
  }

  const Scenario& scenario_;
  const ExperimentOptions& options_;
  std::vector<PlannedRun> tasks_;
  std::vector<std::size_t> slots_;  // index of the repeat of each task
  std::vector<std::vector<RunResult>> runs_;
  std::vector<LeftOutRuns> left_out_;
  ExperimentResult made_;
};

}  // namespace

Result<ExperimentResult> RunExperiment(const Scenario& scenario, const ExperimentOptions& options) {
  if (!options.folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.folder + "/runs", error);
    if (error) {
      return MakeError(ErrorCode::kUnavailable,
                       options.folder + ": cannot be made: " + error.message());
    }
  }
  return Experimenter(scenario, options).Run();
}

std::vector<std::string> Problems(const ExperimentResult& result) {
  std::vector<std::string> problems;
  for (const CaseResult& each : result.cases) {
    for (const RunResult& run : each.runs) {
      if (run.problem.empty()) continue;
      problems.push_back("case " + each.name + ", seed " + std::to_string(run.seed) + ": " +
                         run.problem);
    }
  }
  return problems;
}

}  // namespace kless::experiment
