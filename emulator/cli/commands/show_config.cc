#include "emulator/cli/commands/show_config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "emulator/base/system/config_files.h"
#include "emulator/cli/api_client.h"

namespace kless::cli {
namespace {

constexpr const char* kSettingsFile = "configs/kless.yaml";

int PrintConfigFile(const std::string& path) {
  const auto text = ReadConfigText(path);
  if (text.has_error()) return FailUsage(text.error());
  std::fwrite(text.value().data(), 1, text.value().size(), stdout);
  return 0;
}

int ShowConfig(const std::string& kind, const std::string& what, const std::string& name) {
  const auto file = FindConfigFile(kind, name, what);
  return file.has_error() ? FailUsage(file.error()) : PrintConfigFile(file.value().path);
}

int ListKinds(const std::vector<std::string>& kinds) {
  std::vector<ListedConfig> rows;
  for (const std::string& kind : kinds) {
    for (const ConfigFile& file : ListConfigFiles(kind)) {
      const auto text = ReadConfigText(file.path);
      rows.push_back({file.name,
                      text.has_error() ? "(cannot be read)" : FirstSentence(text.value()),
                      file.origin});
    }
  }
  return PrintConfigList(rows);
}

void AddList(CLI::App& parent, Action& action, const std::string& kind, const std::string& help) {
  CLI::App* const list = parent.add_subcommand("list", help);
  list->footer(std::string(kPlacesOfConfigs) + "\n\nExample:\n  kless " + parent.get_name() +
               " list");
  list->callback([&action, kind] { action = [kind] { return ListKinds({kind}); }; });
}

}  // namespace

const char* const kPlacesOfConfigs =
    R"(A name is looked for in ./configs, in the folder that KLESS_CONFIGS names, and among the files
that are compiled into kless; the list says where each was found unless it is compiled in.)";

int PrintConfigList(const std::vector<ListedConfig>& rows) {
  std::size_t width = 0;
  for (const ListedConfig& row : rows) width = std::max(width, row.name.size());
  for (const ListedConfig& row : rows) {
    const std::string origin = row.origin == "compiled in" ? "" : " (in " + row.origin + ")";
    std::printf("%-*s  %s%s\n", static_cast<int>(width), row.name.c_str(), row.description.c_str(),
                origin.c_str());
  }
  return 0;
}

void AddShowConfig(CLI::App& parent, Action& action, const std::string& kind,
                   const std::string& what, const std::string& examples) {
  auto name = std::make_shared<std::string>();
  CLI::App* const show = parent.add_subcommand("show", "Print one " + what + ", to start from");
  show->add_option("NAME", *name, "Name (see 'list') or path of the " + what)
      ->required()
      ->type_name("NAME");
  show->footer("Examples:\n" + examples);
  show->callback([&action, name, kind, what] {
    action = [name, kind, what] { return ShowConfig(kind, what, *name); };
  });
}

void AddConfig(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("config", "The settings file: every setting with its default");
  command->require_subcommand(1);
  command->footer("Example:\n  kless config show > kless.yaml");
  CLI::App* const show = command->add_subcommand("show", "Print it, to start from");
  show->footer(R"(Prints ./configs/kless.yaml if there is one, else the file that is compiled in.

Examples:
  kless config show > kless.yaml
  kless serve --config kless.yaml)");
  show->callback([&action] { action = [] { return PrintConfigFile(kSettingsFile); }; });
}

void AddLatency(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("latency", "Latency profiles: what the steps of the emulated world cost");
  command->require_subcommand(1);
  command->footer("Examples:\n  kless latency list\n  kless latency show thesis-2024");
  AddList(*command, action, "latency", "Profiles that 'serve --latency' knows by name");
  AddShowConfig(*command, action, "latency", "latency profile",
                "  kless latency show thesis-2024 > mine.yaml\n"
                "  kless serve --latency mine.yaml");
}

void AddExample(CLI::App& app, Action& action) {
  CLI::App* const command = app.add_subcommand("example", "Jobs to try kless with");
  command->require_subcommand(1);
  command->footer("Examples:\n  kless example list\n  kless example show pi");
  AddList(*command, action, "jobs", "Example Jobs, one file each");
  AddShowConfig(*command, action, "jobs", "example",
                "  kless example show pi | kless submit -f -\n"
                "  kless submit -f configs/jobs/pi.yaml");
}

}  // namespace kless::cli
