#include "emulator/cli/command_line.h"

int main(int argc, char** argv) { return kless::cli::RunCommandLine(argc, argv); }
