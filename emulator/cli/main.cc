// The entry point of the program; everything else is in the layers, where tests reach it.
#include "emulator/cli/command_line.h"

int main(int argc, char** argv) { return kless::cli::RunCommandLine(argc, argv); }
