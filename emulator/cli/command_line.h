// The command line: parses argv and runs one command.
#pragma once

namespace kless::cli {

// The exit code: 0; 1 for a failure of the command; 2 for a command line it does not understand.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace kless::cli
