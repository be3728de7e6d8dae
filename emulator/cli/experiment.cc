// `kless experiment`: run, list, show, compare, explain, schema.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/run_scenario.h"
#include "emulator/cli/show_config.h"
#include "emulator/experiment/outputs.h"
#include "emulator/experiment/scenario.h"

namespace kless::cli {
namespace {

struct RunFlags {
  std::string scenario;
  ScenarioFlags flags;
};

int RunScenario(const RunFlags& run) {
  const auto options = ScenarioOptionsOf(run.flags);
  if (options.has_error()) return FailUsage(options.error());
  const auto scenario = experiment::LoadScenario(run.scenario, options.value());
  if (scenario.has_error()) return FailUsage(scenario.error());
  return RunAndReport(scenario.value(), run.flags);
}

int ListExperiments() {
  std::vector<ListedConfig> rows;
  for (const experiment::ListedScenario& scenario : experiment::ListScenarios()) {
    rows.push_back({scenario.name, scenario.title, scenario.origin});
  }
  return PrintConfigList(rows);
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
  AddScenarioFlags(*command, &flags->flags);
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

  CLI::App* const list = command->add_subcommand("list", "Scenarios that 'run' knows by name");
  list->footer(kPlacesOfConfigs);
  list->callback([&action] { action = ListExperiments; });
  AddShowConfig(*command, action, "experiments", "scenario",
                "  kless experiment show thesis > mine.yaml\n"
                "  kless experiment run mine.yaml");

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
