// `kless experiment`: run, list, show, compare, explain, schema.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/commands/run_scenario.h"
#include "emulator/cli/commands/show_config.h"
#include "emulator/cli/output.h"
#include "emulator/experiment/report/compare.h"
#include "emulator/experiment/report/explain.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::cli {
namespace {

struct RunFlags {
  std::string scenario;
  bool explain = false;
  ScenarioFlags flags;
};

int RunScenario(const RunFlags& run) {
  const auto options = ScenarioOptionsOf(run.flags);
  if (options.has_error()) return FailUsage(options.error());
  auto scenario = experiment::LoadScenario(run.scenario, options.value());
  if (scenario.has_error()) return FailUsage(scenario.error());
  if (run.explain) {
    for (const experiment::CaseSpec& each : scenario.value().cases) {
      std::printf("# case %s\n%s", each.name.c_str(), ChangedSettings(each.run.config).c_str());
      for (const experiment::GivenValue& other : each.run.others) {
        std::printf("%s: %s  # from %s\n", other.path.c_str(), other.text.c_str(),
                    other.origin.c_str());
      }
      std::printf("\n");
    }
    return 0;
  }
  return RunAndReport(std::move(scenario.value()), run.flags);
}

int ListExperiments() {
  std::vector<ListedConfig> rows;
  for (const experiment::ListedScenario& scenario : experiment::ListScenarios()) {
    rows.push_back({scenario.name, scenario.title, scenario.origin});
  }
  return PrintConfigList(rows);
}

// Errors are about folders, cases or pods that the user named.
int Print(const Result<std::string>& text) {
  if (text.has_error()) return FailUsage(text.error());
  std::printf("%s", text.value().c_str());
  return 0;
}

void AddRun(CLI::App& parent, Action& action) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* const command = parent.add_subcommand("run", "Run a scenario and write its results");
  command->add_option("SCENARIO", flags->scenario, "Name (see 'list') or path of a YAML file")
      ->required()
      ->type_name("");
  AddScenarioFlags(*command, &flags->flags);
  command->add_flag("--explain-config", flags->explain,
                    "Print the settings of each case that are not defaults and where they come "
                    "from, and stop");
  command->footer(
      R"(Exit codes: 0 done, 1 a run has a problem, 2 the scenario is wrong, 3 a threshold is broken.

Examples:
  kless experiment run thesis
  kless experiment run thesis --set functions.account_concurrency=1000 --out wide
  kless experiment run my.yaml --seeds 10 --jobs 2
  kless experiment run my.yaml --without init
  kless experiment run thesis --case fig-5.2b-warm --real)");
  command->callback([&action, flags] { action = [flags] { return RunScenario(*flags); }; });
}

void AddCompare(CLI::App& parent, Action& action) {
  auto options = std::make_shared<experiment::CompareOptions>();
  auto output = std::make_shared<std::string>("text");
  CLI::App* const command =
      parent.add_subcommand("compare", "Two results, or two cases of one, side by side");
  command->add_option("A", options->a, "Folder of results")->required();
  command->add_option("B", options->b, "Folder of results (cold against warm within A)");
  command
      ->add_option("--case-a", options->case_a,
                   "Cases of A: a name, an entry of 'cases', or KEY=VALUE,... (all)")
      ->type_name("CASES");
  command->add_option("--case-b", options->case_b, "Cases of B, or of A if there is no B (all)")
      ->type_name("CASES");
  command->add_option("--metric", options->metrics, "Only this metric; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  AddOutputFlag(*command, output.get());
  command->footer(
      R"(Cases are paired by what they are (control plane, start, latency profile, swept values, workload), not
by their names.  Where all of A differ from all of B, in control plane or start or a value of --set,
that is what is compared.

Examples:
  kless experiment compare kless-results/caps kless-results/caps-wide
  kless experiment compare kless-results/thesis
  kless experiment compare kless-results/memory --case-a memory_mb=128 --case-b memory_mb=1769
  kless experiment compare before after --metric last_pod_s --metric throttles
  kless experiment compare before after -o json)");
  command->callback([&action, options, output] {
    action = [options, output] {
      options->json = *output == "json";
      return Print(experiment::CompareSummaries(*options));
    };
  });
}

}  // namespace

void AddExperiment(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("experiment", "Run experiments in virtual time, and read their results");
  command->require_subcommand(1);
  command->footer("Examples:\n  kless experiment list\n  kless experiment run thesis");
  AddRun(*command, action);

  CLI::App* const list = command->add_subcommand("list", "Scenarios that 'run' knows by name");
  list->footer(std::string(kPlacesOfConfigs) + "\n\nExample:\n  kless experiment list");
  list->callback([&action] { action = ListExperiments; });
  AddShowConfig(*command, action, "experiments", "scenario",
                "  kless experiment show thesis > mine.yaml\n"
                "  kless experiment run mine.yaml");

  AddCompare(*command, action);

  auto pod = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* const explain =
      command->add_subcommand("explain", "How the time of each pod (or of one) was spent");
  explain->add_option("DIR", pod->first, "Folder of results")->required()->type_name("");
  explain->add_option("POD", pod->second, "Name of a pod")->type_name("");
  explain->footer(
      "Examples:\n  kless experiment explain kless-results/thesis\n"
      "  kless experiment explain kless-results/thesis pi-x7k2p");
  explain->callback([&action, pod] {
    action = [pod] { return Print(experiment::Explain(pod->first, pod->second)); };
  });

  CLI::App* const schema =
      command->add_subcommand("schema", "The JSON schema of scenario files, for editors");
  schema->footer("Example:\n  kless experiment schema > experiment.schema.json");
  schema->callback([&action] { action = [] { return Print(experiment::ScenarioSchema()); }; });
}

}  // namespace kless::cli
