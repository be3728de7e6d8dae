#include "emulator/cli/commands/run_scenario.h"

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "emulator/base/number_text.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "emulator/base/system/worker_processes.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/system.h"
#include "emulator/experiment/report/outputs.h"
#include "emulator/experiment/report/results_folder.h"
#include "emulator/experiment/report/summary.h"
#include "emulator/experiment/run/experiment.h"
#include "emulator/experiment/scenario/as_run.h"

namespace kless::cli {
namespace {

constexpr int kThresholdBroken = 3;
constexpr int kInterrupted = 130;

// How far the runs are: a line that is rewritten on a terminal; elsewhere a line now and then, the
// first after two seconds.
class Progress {
 public:
  void Ended(std::size_t ended, std::size_t runs) {
    ended_ = ended;
    runs_ = runs;
    Show();
  }
  // To be called often.
  void Show() {
    if (getpid() != process_) return;  // a child that makes one of the runs
    const auto elapsed = watch_.Elapsed();
    if (elapsed < next_) return;
    const double seconds = std::chrono::duration<double>(elapsed).count();
    const std::string text = runs_ > 0 ? std::to_string(ended_) + " of " + std::to_string(runs_) +
                                             (runs_ == 1 ? " run" : " runs")
                                       : std::string("running");
    if (is_terminal_) {
      next_ = elapsed + std::chrono::milliseconds(200);
      std::fprintf(stderr, "\r%s, %.0f s\033[K", text.c_str(), seconds);
      shown_ = true;
    } else {
      next_ = elapsed < std::chrono::seconds(10) ? std::chrono::seconds(10)
                                                 : elapsed + std::chrono::seconds(30);
      std::fprintf(stderr, "%s after %.0f s\n", text.c_str(), seconds);
    }
    std::fflush(stderr);
  }
  // Clears the line of a terminal.
  void End() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
    shown_ = false;
    std::fflush(stderr);
  }
  std::size_t runs() const { return runs_; }
  double Seconds() const { return std::chrono::duration<double>(watch_.Elapsed()).count(); }

 private:
  const pid_t process_ = getpid();
  const bool is_terminal_ = ErrorIsTerminal();
  const Stopwatch watch_{};
  std::chrono::milliseconds next_ =
      is_terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(2);
  std::size_t ended_ = 0, runs_ = 0;
  bool shown_ = false;
};

double CpuSeconds() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    if (getrusage(who, &used) != 0) continue;
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return seconds;
}

// "1 run: 21.3 s of wall time, 20.9 s of CPU, 1204113 change records (56500 a second)": of runs
// that took a while, or whose point it is.  Real times are in no file: they differ from run to run.
// `all_runs` counts the runs without one cause of latency, too; those report no records.
std::string EffortText(const experiment::ExperimentResult& result, std::size_t all_runs,
                       double wall_seconds, double cpu_seconds) {
  constexpr double kShownFrom = 2;
  std::size_t runs = 0;
  std::uint64_t records = 0;
  bool pods_end = false;
  for (const auto& each : result.cases) {
    runs += each.runs.size();
    for (const auto& run : each.runs) {
      const auto found = run.counts.find("feed_records");
      if (found != run.counts.end()) records += found->second;
      pods_end = pods_end || run.last_pod_end >= 0;
    }
  }
  if (!pods_end && wall_seconds < kShownFrom) return "";
  const auto number = [](double value) { return experiment::FormatShort(value, 3); };
  std::string text = std::to_string(all_runs) + (all_runs == 1 ? " run" : " runs");
  if (all_runs > runs) {
    text += " (" + std::to_string(all_runs - runs) + " of them without one cause of latency)";
  }
  text += ": " + number(wall_seconds) + " s of wall time, " + number(cpu_seconds) + " s of CPU";
  if (records > 0 && all_runs == runs) {
    text += ", " + std::to_string(records) + " change records (" +
            number(static_cast<double>(records) / std::max(wall_seconds, 1e-3)) + " a second)";
  }
  return text + "\n";
}

int FailInterrupted(const std::string& target) {
  std::error_code error;
  const bool earlier = std::filesystem::exists(target, error);
  std::fprintf(stderr, "interrupted: no results were written%s\n",
               earlier ? ("; the earlier ones in " + target + " are as they were").c_str() : "");
  return kInterrupted;
}

}  // namespace

void AddScenarioFlags(CLI::App& command, ScenarioFlags* flags) {
  command.add_option("--set", flags->sets, "A value of the scenario, for all cases; repeatable")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--without", flags->without,
                  "Run without one cause of latency: submit, feed, throttle, init, first_request, "
                  "compute or store; repeatable")
      ->type_name("CAUSE")
      ->allow_extra_args(false);
  command.add_option("--case", flags->only, "Only this case, or this entry of 'cases'; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--seeds", flags->seeds, "Repeats, 1..10000 (the scenario's)")
      ->check(CLI::Range(1, experiment::kSeedsMaximum))
      ->type_name("N");
  command.add_option("--seed", flags->first_seed, "First seed, from 1 (1)")
      ->check([](const std::string& text) {
        return ParseUnsigned(text).value_or(0) > 0 ? std::string()
                                                   : "must be a whole number from 1, not " + text;
      })
      ->type_name("N");
  command
      .add_option("--out", flags->out,
                  "Folder for the results (kless-results/NAME); earlier results are replaced")
      ->type_name("DIR");
  command.add_flag("--real", flags->real, "In real time: the same model, not the same bytes");
  command.add_flag("--no-figures", flags->no_figures, "Tables and data only, no gnuplot");
  command.add_option("--jobs", flags->jobs, "Processes at once, 1..1024 (as many as processors)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
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

int RunAndReport(experiment::Scenario scenario, const ScenarioFlags& flags) {
  InitializeLog(LogLevel::kWarning, false);
  const std::string target = flags.out.empty() ? "kless-results/" + scenario.name : flags.out;
  auto folder = experiment::ResultsFolder::Begin(target);
  if (folder.has_error()) return FailUsage(folder.error());

  for (const std::string& remark : scenario.remarks) {
    std::fprintf(stderr, "note: %s\n", remark.c_str());
  }
  if (flags.real) scenario.as_run.command += " --real";

  CatchInterrupts();
  Progress progress;
  const double cpu_before = CpuSeconds();
  experiment::ExperimentOptions run;
  run.processes = flags.jobs > 0 ? flags.jobs : ProcessorCount();
  run.real = flags.real;
  run.folder = folder.value()->path();
  run.progress = [&progress](std::size_t ended, std::size_t runs) { progress.Ended(ended, runs); };
  run.interrupted = [&progress] {
    progress.Show();
    return Interrupted();
  };
  auto result = experiment::RunExperiment(scenario, run);
  const double wall = progress.Seconds(), cpu = CpuSeconds() - cpu_before;
  progress.End();
  if (result.has_error()) {
    if (result.error().code == ErrorCode::kCancelled) return FailInterrupted(target);
    const bool is_input = result.error().code == ErrorCode::kInvalidArgument ||
                          result.error().code == ErrorCode::kNotFound;
    return is_input ? FailUsage(result.error()) : Fail(result.error());
  }
  experiment::OutputOptions output;
  output.figures = !flags.no_figures;
  auto remarks = experiment::WriteOutputs(result.value(), folder.value()->path(), output);
  // Ctrl-C ends gnuplot, too.
  if (Interrupted()) return FailInterrupted(target);
  if (remarks.has_error()) return Fail(remarks.error());
  const auto inputs = experiment::WriteAsRun(scenario, folder.value()->path());
  if (inputs.has_error()) return Fail(inputs.error());
  remarks.value().insert(remarks.value().end(), inputs.value().begin(), inputs.value().end());
  const auto finished = folder.value()->Finish();
  if (finished.has_error()) return Fail(finished.error());

  std::printf("%s", experiment::SummaryText(result.value()).c_str());
  std::printf("results in %s\n", target.c_str());
  std::fprintf(stderr, "%s", EffortText(result.value(), progress.runs(), wall, cpu).c_str());
  for (const std::string& remark : remarks.value()) std::fprintf(stderr, "%s\n", remark.c_str());
  for (const std::string& note : result.value().notes) {
    std::fprintf(stderr, "note: %s\n", note.c_str());
  }
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
    if (!row.off()) continue;
    ++broken;
    std::fprintf(stderr, "off what was published: %s\n", row.label.c_str());
  }
  if (broken > 0) return kThresholdBroken;
  return problems.empty() ? 0 : 1;
}

}  // namespace kless::cli
