// Adds one subcommand that talks to a daemon.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"

namespace kless::cli {

// `Options` has the address of the daemon in `server`.
template <class Options>
CLI::App* AddDaemonCommand(CLI::App& parent, Action& action,
                           const std::shared_ptr<Options>& options, const std::string& name,
                           const std::string& help, int (*run)(ApiClient&, const Options&)) {
  CLI::App* const command = parent.add_subcommand(name, help);
  AddServerFlag(*command, &options->server);
  command->callback([&action, options, run] {
    action = [options, run] {
      auto api = ApiClient::Create(options->server);
      return api.has_error() ? FailUsage(api.error()) : run(api.value(), *options);
    };
  });
  return command;
}

}  // namespace kless::cli
