// `kless bench`: measures the budgets of the design and prints a table of budget and measured
// value.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/system/worker_processes.h"
#include "emulator/cli/bench/measurements.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/output.h"

namespace kless::cli {
namespace {

using nlohmann::json;

json ToJson(const std::vector<BenchLine>& lines) {
  json array = json::array();
  for (const BenchLine& line : lines) {
    array.push_back({line.what, line.budget, line.measured, line.met, line.beside});
  }
  return array;
}

// Each measurement has a process of its own, so that it does not inherit another one's memory.
std::vector<BenchLine> RunApart(const BenchMeasurement& measurement) {
  const auto measure = [&](std::size_t) -> Result<std::string> {
    return DumpJson(ToJson(measurement.run()));
  };
  std::fflush(stdout);
  const auto answers = RunInProcesses(1, 1, measure, nullptr, nullptr);
  if (answers.has_error())
    return {{measurement.name, "", "failed", false, answers.error().message}};
  std::vector<BenchLine> lines;
  for (const json& line : ParseJson(answers.value()[0]).value()) {
    lines.push_back({line[0], line[1], line[2], line[3], line[4]});
  }
  return lines;
}

void Print(const BenchLine& line, bool as_json) {
  if (as_json) {
    const json object = {{"what", line.what},
                         {"budget", line.budget},
                         {"measured", line.measured},
                         {"met", line.met},
                         {"beside", line.beside}};
    std::printf("%s\n", DumpJson(object).c_str());
  } else {
    std::printf("%-56s %-20s %-22s %-4s %s\n", line.what.c_str(), line.budget.c_str(),
                line.measured.c_str(), line.met ? "yes" : "NO", line.beside.c_str());
  }
  std::fflush(stdout);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

struct Options {
  std::vector<std::string> only;
  std::string output = "text";
};

int Bench(const Options& options) {
  const bool as_json = options.output == "json";
  if (!as_json) {
    std::printf("%-56s %-20s %-22s %-4s %s\n", "what", "budget", "measured", "met",
                "for comparison");
  }
  bool all_met = true;
  for (const BenchMeasurement& measurement : BenchMeasurements()) {
    const auto& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), measurement.name) == only.end()) {
      continue;
    }
    for (const BenchLine& line : RunApart(measurement)) {
      all_met = all_met && line.met;
      Print(line, as_json);
    }
  }
  return all_met ? 0 : 1;
}

}  // namespace

void AddBench(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* const command =
      app.add_subcommand("bench", "Measure this machine against the budgets of the design");
  std::vector<std::string> names;
  for (const BenchMeasurement& measurement : BenchMeasurements()) {
    names.emplace_back(measurement.name);
  }
  command->add_option("--only", options->only, "Measure only this; repeatable: " + Joined(names))
      ->check(CLI::IsMember(names))
      ->allow_extra_args(false)
      ->type_name("NAME");
  AddOutputFlag(*command, &options->output)->description("text, or json: an object a line (text)");
  command->footer(
      R"(Takes about four minutes.  Exit code 1 if a budget is not met: these are benchmarks
for a quiet machine, not tests.

Examples:
  kless bench
  kless bench --only jobs --only delivery
  DYNAMODB_LOCAL=~/dynamodb-local kless bench --only dynamodb)");
  command->callback([&action, options] { action = [options] { return Bench(*options); }; });
}

}  // namespace kless::cli
