#include "emulator/cli/run_scenario.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "emulator/base/log.h"
#include "emulator/base/worker_processes.h"
#include "emulator/cli/api_client.h"
#include "emulator/experiment/experiment.h"
#include "emulator/experiment/outputs.h"
#include "emulator/experiment/results_folder.h"

namespace kless::cli {
namespace {

constexpr int kThresholdBroken = 3;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

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

}  // namespace

int FailUsage(const Error& error) {
  Fail(error);
  return kUsage;
}

void AddScenarioFlags(CLI::App& command, ScenarioFlags* flags) {
  command.add_option("--set", flags->sets, "PATH=VALUE: a value of the scenario, for all cases")
      ->allow_extra_args(false);
  command
      .add_option("--without", flags->without,
                  "Run without one cause of latency: submit, feed, throttle, init, first_request, "
                  "compute or store")
      ->allow_extra_args(false);
  command.add_option("--case", flags->only, "Only this case, or this entry of 'cases'")
      ->allow_extra_args(false);
  command.add_option("--seeds", flags->seeds, "Repeats (the scenario's)")
      ->check(CLI::Range(1, 10000));
  command.add_option("--seed", flags->first_seed, "First seed, from 1")->check(CLI::PositiveNumber);
  command.add_option("--out", flags->out,
                     "Folder for the results (kless-results/NAME); earlier results are replaced");
  command.add_flag("--real", flags->real, "In real time: the same model, not the same bytes");
  command.add_flag("--no-figures", flags->no_figures, "Tables and data only, no gnuplot");
  command.add_option("--jobs", flags->jobs, "Processes at once (as many as processors)")
      ->check(CLI::Range(1, 1024));
}

Result<experiment::ScenarioOptions> ScenarioOptionsOf(const ScenarioFlags& flags) {
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
  if (flags.first_seed > 0) options.first_seed = flags.first_seed;
  return options;
}

int RunAndReport(const experiment::Scenario& scenario, const ScenarioFlags& flags) {
  InitializeLog(LogLevel::kWarning, false);
  const std::string target = flags.out.empty() ? "kless-results/" + scenario.name : flags.out;
  auto folder = experiment::ResultsFolder::Begin(target);
  if (folder.has_error()) return FailUsage(folder.error());

  CatchInterrupts();
  experiment::ExperimentOptions run;
  run.processes = flags.jobs > 0 ? flags.jobs : ProcessorCount();
  run.real = flags.real;
  run.folder = folder.value()->path();
  run.progress = Progress();
  run.interrupted = Interrupted;
  auto result = experiment::RunExperiment(scenario, run);
  if (result.has_error()) {
    if (result.error().code == ErrorCode::kCancelled) {
      std::fprintf(stderr, "interrupted: nothing was left behind\n");
      return kInterrupted;
    }
    const bool is_input = result.error().code == ErrorCode::kInvalidArgument ||
                          result.error().code == ErrorCode::kNotFound;
    return is_input ? FailUsage(result.error()) : Fail(result.error());
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
  for (const auto& row : result.value().published) {
    if (row.ok()) continue;
    ++broken;
    std::fprintf(stderr, "off what was published: %s\n", row.label.c_str());
  }
  if (broken > 0) return kThresholdBroken;
  return problems.empty() ? 0 : 1;
}

}  // namespace kless::cli
