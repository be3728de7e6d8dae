// `kless version`: prints the version.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/cli/commands.h"
#include "emulator/cli/output.h"
#include "store/store.h"

namespace kless::cli {

std::string VersionText() {
  return std::string("kless ") + KLESS_VERSION + " (data file schema " +
         std::to_string(Store::kSchemaVersion) + ")";
}

void AddVersion(CLI::App& app, Action& action) {
  auto output = std::make_shared<std::string>("text");
  CLI::App* const command = app.add_subcommand("version", "Print the version");
  AddOutputFlag(*command, output.get());
  command->footer("Examples:\n  kless version\n  kless version -o json");
  command->callback([&action, output] {
    action = [output] {
      if (*output == "json") {
        PrintJson({{"version", KLESS_VERSION}, {"schema", Store::kSchemaVersion}});
      } else {
        std::printf("%s\n", VersionText().c_str());
      }
      return 0;
    };
  });
}

}  // namespace kless::cli
