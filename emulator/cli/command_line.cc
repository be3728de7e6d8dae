#include "emulator/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/completion.h"
#include "emulator/cli/help.h"
#include "emulator/cli/output.h"

namespace kless::cli {
namespace {

// The headings of `kless --help`; commands that are not listed here are under "Commands".
const std::vector<std::pair<const char*, std::vector<const char*>>> kCommandGroups = {
    {"Run a daemon", {"serve", "exec", "status", "snapshot"}},
    {"Work with it", {"submit", "wait", "feed", "function", "node", "item", "kubeconfig"}},
    {"Experiments", {"experiment", "replay", "bench"}},
    {"Files that come with it", {"config", "latency", "example"}},
    {"Help", {"help", "version", "completion", "man"}},
};

// The innermost subcommand that was parsed.
const CLI::App& Innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : Innermost(*parsed.back());
}

int Complain(const CLI::App& app, std::string message, std::string_view word,
             const std::vector<std::string>& candidates) {
  if (const auto near = NearestWord(word, candidates)) message += "; did you mean '" + *near + "'?";
  std::fprintf(stderr, "kless: %s\nTry '%s --help'.\n", message.c_str(), FullName(app).c_str());
  return app.get_name() == "exec" ? kExecFailed : kUsageError;
}

// What CLI11 could not assign, without the "--" that ends the flags.
std::vector<std::string> SurplusWords(const CLI::App& root) {
  std::vector<std::string> words = root.remaining(true);
  std::erase(words, "--");
  return words;
}

// What people of kubectl, docker and systemd write, and its name here.
const std::map<std::string, const char*, std::less<>> kOtherNames = {
    {"apply", "kless submit' or 'kubectl apply"},
    {"describe", "kless status' or 'kubectl describe"},
    {"logs", "kless function invocations' or 'kubectl logs"},
    {"run", "kless exec' or 'kless experiment run"},
    {"start", "kless serve"}};

// Adds the full names of the commands below `app` that have this name or alias.
void FindNamesakes(const CLI::App& app, std::string_view word, std::vector<std::string>* names) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->check_name(std::string(word))) names->push_back(FullName(*command));
    FindNamesakes(*command, word, names);
  }
}

// `kless invocations` and `kless function status` are commands at another place.
int ComplainOfCommand(const CLI::App& root, const CLI::App& app, const std::string& word,
                      const std::vector<std::string>& commands) {
  std::string message = "unknown command '" + word + "'";
  std::vector<std::string> elsewhere;
  const auto other = kOtherNames.find(word);
  if (&app == &root && other != kOtherNames.end()) {
    elsewhere.emplace_back(other->second);
  } else {
    FindNamesakes(root, word, &elsewhere);
  }
  if (elsewhere.empty()) return Complain(app, std::move(message), word, commands);
  message += "; did you mean ";
  for (const std::string& name : elsewhere) {
    if (&name != elsewhere.data()) message += &name == &elsewhere.back() ? " or " : ", ";
    message += "'" + name + "'";
  }
  return Complain(app, message + "?", word, {});
}

// Reports an unknown flag, an unknown command, or a surplus word.
int ComplainOfExtras(const CLI::App& root) {
  const CLI::App& app = Innermost(root);
  std::string word;
  for (const std::string& extra : SurplusWords(root)) {
    if (word.empty() || (!word.starts_with('-') && extra.starts_with('-'))) word = extra;
  }
  if (word.starts_with('-')) {
    word = word.substr(0, word.find('='));
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
      for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
    }
    std::string message = "unknown flag '" + word + "' of '" + FullName(app) + "'";
    if (app.get_name() == "exec") message += " (put the flags of the command after '--')";
    if (app.get_name() == "wait") message += " ('kubectl wait' selects by label, field and all)";
    constexpr std::size_t kOneLetter = 2;  // every other letter would be near
    if (word.size() <= kOneLetter) flags.clear();
    return Complain(app, std::move(message), word, flags);
  }
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(command->get_name());
  }
  if (!commands.empty()) return ComplainOfCommand(root, app, word, commands);
  return Complain(app, "unexpected argument '" + word + "' of '" + FullName(app) + "'", word, {});
}

// The words after the program's name, last one first as CLI11 wants them.  It would take the word
// after "--loops=" for the value: here that value is empty.
std::vector<std::string> WordsForParser(int argc, const char* const* argv) {
  std::vector<std::string> words;
  bool flags = true;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    flags = flags && word != "--";
    const bool empty_value = flags && word.starts_with("--") && word.find('=') == word.size() - 1;
    if (empty_value) word.pop_back();
    words.push_back(std::move(word));
    if (empty_value) words.emplace_back();
  }
  std::reverse(words.begin(), words.end());
  return words;
}

// All options under one heading.
void GroupCommands(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (!command->get_group().empty()) command->group("Commands");
    GroupCommands(*command);
  }
}

// An empty path would mean the same as a flag that was not given.
void RefuseEmptyPaths(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string placeholder = Placeholder(*option);
    if (placeholder != "FILE" && placeholder != "DIR" && placeholder != "FOLDER") continue;
    option->check([](const std::string& value) {
      return value.empty() ? std::string("must not be empty") : std::string();
    });
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    RefuseEmptyPaths(*command);
  }
}

// Says in kless's words what CLI11 found wrong.
std::string InOwnWords(const CLI::App& app, const std::string& message) {
  const auto after = [&](const char* words) -> std::optional<std::string> {
    if (!message.ends_with(words)) return std::nullopt;
    return message.substr(0, message.size() - std::string_view(words).size());
  };
  if (const auto name = after(" is required")) {
    return *name == "A subcommand" ? "'" + FullName(app) + "' needs a command"
                                   : *name + " is missing";
  }
  if (const auto at = message.find(": 1 required "); at != std::string::npos) {
    return message.substr(0, at) + " needs a value";
  }
  const auto flag = message.find(": "), choices = message.find(" not in {");
  if (flag == std::string::npos || choices == std::string::npos || !message.ends_with('}')) {
    return message;
  }
  std::string known;
  const std::string_view list = std::string_view(message).substr(choices + 9);
  for (const std::string_view word : Split(list.substr(0, list.size() - 1), ',')) {
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  return message.substr(0, flag) + " must be one of " + known + ", not '" +
         message.substr(flag + 2, choices - flag - 2) + "'";
}

}  // namespace

void AddCommands(CLI::App& app, Action& action) {
  app.name("kless");
  app.description("An emulator of a serverless Kubernetes control plane on one machine.");
  app.require_subcommand(1);
  // The last one counts if a flag is given twice, as in kubectl.  Every command inherits this.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.formatter(MakeHelpFormatter());
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("-v,--version", VersionText(), "Print the version and exit");
  AddServe(app, action);
  AddExec(app, action);
  AddStatus(app, action);
  AddSnapshot(app, action);
  AddSubmit(app, action);
  AddWait(app, action);
  AddFeed(app, action);
  AddFunction(app, action);
  AddNode(app, action);
  AddItem(app, action);
  AddKubeconfig(app, action);
  AddExperiment(app, action);
  AddReplay(app, action);
  AddConfig(app, action);
  AddLatency(app, action);
  AddExample(app, action);
  AddBench(app, action);
  AddHelp(app, action);
  AddCompletion(app, action);
  AddManual(app, action);
  AddVersion(app, action);
  GroupCommands(app);
  RefuseEmptyPaths(app);
  for (const auto& [group, names] : kCommandGroups) {
    for (const char* name : names) app.get_subcommand(name)->group(group);
  }
  app.footer(R"(Start with 'kless serve', then 'kless submit -f JOB.yaml' in another terminal.

Examples:
  kless serve
  kless status
  kless exec -- ./jobs_test.sh
  kless help function set)");
}

namespace {

int RunCommand(int argc, const char* const* argv) {
  CLI::App app;
  Action action;
  AddCommands(app, action);
  if (argc > 1 && std::string_view(argv[1]) == kCompleteCommand) {
    std::printf("%s", CompletionText(CompleteWords(app, {argv + 2, argv + argc})).c_str());
    return 0;
  }
  try {
    app.parse(WordsForParser(argc, argv));
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());  // of the innermost subcommand
    return 0;
  } catch (const CLI::CallForVersion&) {
    std::printf("%s\n", VersionText().c_str());
    return 0;
  } catch (const CLI::ExtrasError&) {
    return ComplainOfExtras(app);
  } catch (const CLI::ParseError& error) {
    // For `kless UNKNOWN`, CLI11 says only that a subcommand is required.
    const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (missing && !SurplusWords(app).empty()) return ComplainOfExtras(app);
    const CLI::App& innermost = Innermost(app);
    const bool is_bare = argc == 1 || std::string_view(argv[argc - 1]) == innermost.get_name();
    if (is_bare && !innermost.get_subcommands([](const CLI::App*) { return true; }).empty()) {
      const CLI::App* const parent = innermost.get_parent();
      std::printf("%s", innermost.help(parent == nullptr ? "" : FullName(*parent)).c_str());
      return kUsageError;
    }
    return Complain(innermost, InOwnWords(innermost, error.what()), "", {});
  }
  try {
    return action();
  } catch (const std::exception& error) {
    return Fail(std::string(error.what()));
  }
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  const int exit_code = RunCommand(argc, argv);
  const std::string failure = FlushOutput();
  if (failure.empty()) return exit_code;
  const int failed = Fail("cannot write standard output" + failure);
  return exit_code == 0 ? failed : exit_code;
}

}  // namespace kless::cli
