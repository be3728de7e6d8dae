// The command line: parses argv and runs one command.
#pragma once

#include "emulator/cli/commands.h"

namespace CLI {
class App;
}

namespace kless::cli {

// Adds every command with its flags, help and examples to `app`, and names it "kless"; parsing sets
// `action`.  All descriptions of the command line (help, man page, completions) are made from this
// app.  Both must outlive the parse.
void AddCommands(CLI::App& app, Action& action);

// Parses and runs one command.  Returns the exit code; `kless help exit-codes` lists them all.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace kless::cli
