// `kless experiment`: run, list, compare, explain, schema.
#include "emulator/experiment/experiment.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "emulator/base/log.h"
#include "emulator/base/strings.h"
#include "emulator/base/worker_processes.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/system.h"
#include "emulator/experiment/outputs.h"
#include "emulator/experiment/results_folder.h"

namespace kless::cli {
namespace {

constexpr int kThresholdBroken = 3;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

struct RunFlags {
  std::string scenario;
  std::vector<std::string> sets;
  std::vector<std::string> without;
  std::vector<std::string> only;
  int seeds = 0;
  std::uint64_t first_seed = 1;
  std::string out;
  bool real = false;
  bool no_figures = false;
  int jobs = 0;
};

// A line that is rewritten on a terminal; elsewhere one line every tenth of the way.
class Progress {
 public:
  void operator()(std::size_t ended, std::size_t runs) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (terminal) {
      std::fprintf(stderr, "\r%zu of %zu runs", ended, runs);
      if (ended == runs) std::fprintf(stderr, "\r\033[K");
    } else if (ended * 10 / runs != last_tenth_ && runs > 1) {
      std::fprintf(stderr, "%zu of %zu runs\n", ended, runs);
    }
    last_tenth_ = ended * 10 / runs;
    std::fflush(stderr);
  }

 private:
  std::size_t last_tenth_ = 0;
};

int FailUsage(const Error& error) {
  Fail(error);
  return kUsage;
}

Result<experiment::ScenarioOptions> OptionsOf(const RunFlags& flags) {
  experiment::ScenarioOptions options;
  for (const std::string& set : flags.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      return MakeError(ErrorCode::kInvalidArgument, "--set " + set +
                                                        ": must be PATH=VALUE, such as "
                                                        "functions.account_concurrency=100");
    }
    options.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  options.without = flags.without;
  options.only = flags.only;
  if (flags.seeds > 0) options.seeds = flags.seeds;
  options.first_seed = flags.first_seed;
  return options;
}

int RunScenario(const RunFlags& flags) {
  InitializeLog(LogLevel::kWarning, false);
  auto options = OptionsOf(flags);
  if (options.has_error()) return FailUsage(options.error());
  auto scenario = experiment::LoadScenario(flags.scenario, options.value());
  if (scenario.has_error()) return FailUsage(scenario.error());

  const std::string target =
      flags.out.empty() ? "kless-results/" + scenario.value().name : flags.out;
  auto folder = experiment::ResultsFolder::Begin(target);
  if (folder.has_error()) return FailUsage(folder.error());

  CatchInterrupts();
  experiment::ExperimentOptions run;
  run.processes = flags.jobs > 0 ? flags.jobs : ProcessorCount();
  run.real = flags.real;
  run.folder = folder.value()->path();
  run.progress = Progress();
  run.interrupted = Interrupted;
  auto result = experiment::RunExperiment(scenario.value(), run);
  if (result.has_error()) {
    if (result.error().code == ErrorCode::kCancelled) {
      std::fprintf(stderr, "interrupted: nothing was left behind\n");
      return kInterrupted;
    }
    return Fail(result.error());
  }
  experiment::OutputOptions output;
  output.figures = !flags.no_figures;
  const auto remarks = experiment::WriteOutputs(result.value(), folder.value()->path(), output);
  if (remarks.has_error()) return Fail(remarks.error());
  const auto finished = folder.value()->Finish();
  if (finished.has_error()) return Fail(finished.error());

  std::printf("%s", experiment::SummaryText(result.value()).c_str());
  std::printf("results in %s\n", target.c_str());
  for (const std::string& remark : remarks.value()) std::fprintf(stderr, "%s\n", remark.c_str());
  const auto problems = experiment::Problems(result.value());
  for (const std::string& problem : problems) std::fprintf(stderr, "error: %s\n", problem.c_str());
  int broken = 0;
  for (const auto& threshold : result.value().thresholds) {
    if (threshold.ok) continue;
    ++broken;
    std::fprintf(stderr, "threshold broken: %s: %s\n", threshold.label.c_str(),
                 threshold.detail.c_str());
  }
  if (broken > 0) return kThresholdBroken;
  return problems.empty() ? 0 : 1;
}

int List() {
  const auto scenarios = experiment::ListScenarios();
  if (scenarios.empty()) {
    return Fail(MakeError(ErrorCode::kNotFound,
                          "no configs/experiments beside the working directory or the binary"));
  }
  std::size_t width = 0;
  for (const auto& [name, title] : scenarios) width = std::max(width, name.size());
  for (const auto& [name, title] : scenarios) {
    std::printf("%-*s  %s\n", static_cast<int>(width), name.c_str(), title.c_str());
  }
  return 0;
}

int Print(const Result<std::string>& text) {
  if (text.has_error()) return Fail(text.error());
  std::printf("%s", text.value().c_str());
  return 0;
}

void AddRun(CLI::App& parent, Action& action) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* const command = parent.add_subcommand("run", "Run a scenario and write its results");
  command->add_option("scenario", flags->scenario, "Name (see 'list') or path of a YAML file")
      ->required();
  command->add_option("--set", flags->sets, "PATH=VALUE: a value of the scenario, for all cases")
      ->allow_extra_args(false);
  command
      ->add_option("--without", flags->without,
                   "Re-run with one cause of latency removed: submit, feed, throttle, init, "
                   "first_request, compute or store")
      ->allow_extra_args(false);
  command->add_option("--case", flags->only, "Only this case, or this entry of 'cases'")
      ->allow_extra_args(false);
  command->add_option("--seeds", flags->seeds, "Repeats (the scenario's)")
      ->check(CLI::Range(1, 10000));
  command->add_option("--seed", flags->first_seed, "First seed (1)");
  command->add_option("--out", flags->out,
                      "Folder for the results (kless-results/NAME); earlier results are replaced");
  command->add_flag("--real", flags->real, "In real time: the same model, not the same bytes");
  command->add_flag("--no-figures", flags->no_figures, "Tables and data only, no gnuplot");
  command->add_option("--jobs", flags->jobs, "Processes at once (as many as processors)")
      ->check(CLI::Range(1, 1024));
  command->footer(
      R"(Exit codes: 0 done, 1 a run has a problem, 2 the scenario is wrong, 3 a threshold is broken.

Examples:
  kless experiment run thesis
  kless experiment run thesis --set functions.account_concurrency=1000 --out wide
  kless experiment run my.yaml --seeds 10 --jobs 2
  kless experiment run my.yaml --without init
  kless experiment run thesis --case fig-5.2b-serverless-warm --real)");
  command->callback([&action, flags] { action = [flags] { return RunScenario(*flags); }; });
}

}  // namespace

void AddExperiment(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("experiment", "Run experiments in virtual time, and read their results");
  command->require_subcommand(1);
  AddRun(*command, action);

  CLI::App* const list = command->add_subcommand("list", "Scenarios in configs/experiments");
  list->callback([&action] { action = List; });

  auto folders = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* const compare =
      command->add_subcommand("compare", "Metrics of two results side by side");
  compare->add_option("A", folders->first, "Folder of results")->required();
  compare->add_option("B", folders->second, "Folder of results")->required();
  compare->callback([&action, folders] {
    action = [folders] {
      return Print(experiment::CompareSummaries(folders->first, folders->second));
    };
  });

  auto pod = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* const explain =
      command->add_subcommand("explain", "Where the time of each pod (or of one) went");
  explain->add_option("DIR", pod->first, "Folder of results")->required();
  explain->add_option("POD", pod->second, "Name of a pod");
  explain->callback([&action, pod] {
    action = [pod] { return Print(experiment::Explain(pod->first, pod->second)); };
  });

  CLI::App* const schema =
      command->add_subcommand("schema", "The JSON schema of scenario files, for editors");
  schema->callback([&action] { action = [] { return Print(experiment::ScenarioSchema()); }; });
}

}  // namespace kless::cli
