// Help: the format of every command's help, and the topics that `kless help` prints besides the
// commands.  The CLI11 app stays the single source of every command and flag.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/cli/commands.h"

namespace CLI {
class App;
class FormatterBase;
class Option;
}  // namespace CLI

namespace kless::cli {

// A page of `kless help` that does not describe a command.
struct HelpTopic {
  std::string name;     // "exit-codes"
  std::string summary;  // one sentence without a full stop
  std::string text;     // whole lines
};
// Returns them in the order in which they are listed.
const std::vector<HelpTopic>& HelpTopics();

// Returns the placeholder for the value of an option or argument: "FILE", "N", "NAME=VALUE"; "" for
// a switch.  Ranges and choices are in the description, not here.
std::string Placeholder(const CLI::Option& option);

// Whether the option of `command` sets one of Settings(), shown in the help or not.
bool IsSettingFlag(const CLI::App& command, const CLI::Option& option);

// The number of columns that help uses.
constexpr std::size_t kHelpWidth = kTextWidth;

// Uses one kind of placeholder, descriptions wrapped to 100 columns, arguments in uppercase.
std::shared_ptr<CLI::FormatterBase> MakeHelpFormatter();

// Returns the command of `app` with this name or alias; null if there is none.
const CLI::App* FindCommand(const CLI::App& app, const std::string& word);
// Returns "kless function set" for the command.
std::string FullName(const CLI::App& app);

// Adds `kless help [COMMAND [SUBCOMMAND]]` and `kless help TOPIC`.
void AddHelp(CLI::App& app, Action& action);

}  // namespace kless::cli
