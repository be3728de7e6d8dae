#include <CLI/CLI.hpp>
#include <cstdio>

#include "emulator/cli/commands.h"
#include "store/store.h"

namespace kless::cli {

void AddVersion(CLI::App& app, Action& action) {
  CLI::App* const command = app.add_subcommand("version", "Print the version");
  command->footer("Example:\n  kless version");
  command->callback([&action] {
    action = [] {
      std::printf("kless %s (data file schema %d)\n", KLESS_VERSION, Store::kSchemaVersion);
      return 0;
    };
  });
}

}  // namespace kless::cli
