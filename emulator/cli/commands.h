// The commands of `kless`, one file each.  Each function adds its subcommand, with help and
// examples, to `app`; parsing that subcommand sets `action` to its implementation.  An action
// returns the exit code of the process.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace kless::cli {

using Action = std::function<int()>;

// Returns "kless 1.2.0 (data file schema 2)".
std::string VersionText();

void AddServe(CLI::App& app, Action& action);
void AddSubmit(CLI::App& app, Action& action);
void AddItem(CLI::App& app, Action& action);
void AddFeed(CLI::App& app, Action& action);
void AddNode(CLI::App& app, Action& action);
void AddFunction(CLI::App& app, Action& action);
void AddSnapshot(CLI::App& app, Action& action);
void AddExec(CLI::App& app, Action& action);
void AddReplay(CLI::App& app, Action& action);
void AddExperiment(CLI::App& app, Action& action);
void AddConfig(CLI::App& app, Action& action);
void AddLatency(CLI::App& app, Action& action);
void AddExample(CLI::App& app, Action& action);
void AddBench(CLI::App& app, Action& action);
void AddKubeconfig(CLI::App& app, Action& action);
void AddCompletion(CLI::App& app, Action& action);
void AddManual(CLI::App& app, Action& action);
void AddVersion(CLI::App& app, Action& action);
void AddStatus(CLI::App& app, Action& action);
void AddWait(CLI::App& app, Action& action);

}  // namespace kless::cli
