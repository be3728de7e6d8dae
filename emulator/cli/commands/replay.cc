// `kless replay`: runs a recorded session again, in virtual time, with other toggles.
#include <CLI/CLI.hpp>
#include <memory>

#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/commands/run_scenario.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::cli {
namespace {

struct ReplayFlags {
  std::string recording;
  bool cold = false;
  bool warm = false;
  std::string from;
  ScenarioFlags scenario;
};

int Replay(const ReplayFlags& flags) {
  auto options = ScenarioOptionsOf(flags.scenario);
  if (options.has_error()) return FailUsage(options.error());
  if (!flags.from.empty()) options.value().sets.emplace_back("from", flags.from);
  std::vector<std::string> starts;
  if (flags.cold || !flags.warm) starts.emplace_back("cold");
  if (flags.warm || !flags.cold) starts.emplace_back("warm");
  auto scenario = experiment::ScenarioOfRecording(flags.recording, starts, options.value());
  if (scenario.has_error()) return FailUsage(scenario.error());
  return RunAndReport(std::move(scenario.value()), flags.scenario);
}

}  // namespace

void AddReplay(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* const command =
      app.add_subcommand("replay", "Run a recorded session again in virtual time");
  command->add_option("FILE", flags->recording, "Recording, made by 'kless serve --record FILE'")
      ->required()
      ->type_name("FILE");
  command->add_flag("--cold", flags->cold, "From a cold start (without either flag: both)");
  command->add_flag("--warm", flags->warm, "From a warm start");
  command
      ->add_option("--from", flags->from,
                   "Snapshot to start from, if the recorded daemon already had data")
      ->type_name("FILE");
  AddScenarioFlags(*command, &flags->scenario);
  command->footer(
      R"(The requests come at their recorded times; their effects are emulated again.  Settings that
the daemon was given apply unless --set says otherwise.  What the session itself changed (function
set, reset, nodes, faults) is changed again at its time, and wins over --set from there on.

Examples:
  kless serve --record session.jsonl      then work with it, and stop it
  kless replay session.jsonl
  kless replay session.jsonl --cold --set functions.job-controller.init=450
  kless experiment explain kless-results/session)");
  command->callback([&action, flags] { action = [flags] { return Replay(*flags); }; });
}

}  // namespace kless::cli
