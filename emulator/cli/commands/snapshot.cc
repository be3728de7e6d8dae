// `kless snapshot`: saves the state of a daemon in a file, and starts a daemon from such a file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/output.h"
#include "store/sqlite/store_file.h"

namespace kless::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct SnapshotOptions {
  std::string server;
  std::string file;
  std::string directory;
  bool force = false;
  std::string output = "text";
};

std::string Absolute(const std::string& path) { return fs::absolute(path).lexically_normal(); }

std::string DataFile(const std::string& directory) {
  return Absolute(fs::path(directory) / "kless.db");
}

Result<void> MakeDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "the directory " + directory + " cannot be made: " + error.message());
}

// The daemon saves its state as `path`, which must be absolute.
Result<StoreCopy> SaveRemotely(const std::string& server, const std::string& path) {
  KLESS_TRY(auto api, ApiClient::Create(server));
  KLESS_TRY(const auto answer, api.Call("POST", "/kless/v1/snapshots", {{"path", path}}));
  return StoreCopy{answer.value("bytes", std::uint64_t{0}),
                   answer.value("sequence", std::uint64_t{0})};
}

// Formats "98304 bytes, up to record 42".
std::string Describe(const StoreCopy& copy) {
  return std::to_string(copy.bytes) + " bytes, up to record " + std::to_string(copy.sequence);
}

// The command that continues from the file in `directory`.
void PrintServe(const std::string& directory, const std::string& more) {
  std::string command = "kless serve --data-directory " + ShellWord(directory) + more;
  const auto info = InspectStoreFile(DataFile(directory));
  if (info.has_value() && info.value().key_layout != KeyLayout::kTypeName) {
    command += std::string(" --key-layout ") + KeyLayoutName(info.value().key_layout);
  }
  std::printf("continue from there with:\n  %s\n", command.c_str());
}

// Prints as JSON (-o json) what the sentences contain.
void PrintCopy(const std::string& path, const StoreCopy& copy) {
  PrintJson({{"path", path}, {"bytes", copy.bytes}, {"sequence", copy.sequence}});
}

int Save(const SnapshotOptions& options) {
  const std::string path = Absolute(options.file);
  const auto saved = SaveRemotely(options.server, path);
  if (saved.has_error()) return FailByCode(saved.error());
  if (options.output == "json") {
    PrintCopy(path, saved.value());
    return 0;
  }
  std::printf("saved %s (%s)\n", path.c_str(), Describe(saved.value()).c_str());
  return 0;
}

int Load(const SnapshotOptions& options) {
  const auto checked = InspectStoreFile(options.file);
  if (checked.has_error()) return FailUsage(checked.error());
  const auto made = MakeDirectory(options.directory);
  if (made.has_error()) return FailUsage(made.error());
  const std::string path = DataFile(options.directory);
  const auto copied = CopyStoreFile(options.file, path, options.force);
  if (copied.has_error()) {
    if (copied.error().code != ErrorCode::kAlreadyExists) return FailByCode(copied.error());
    return FailUsage(copied.error().message +
                     "; choose another --data-directory, or replace its contents with --force");
  }
  if (options.output == "json") {
    PrintCopy(path, copied.value());
    return 0;
  }
  std::printf("loaded %s (%s)\n", path.c_str(), Describe(copied.value()).c_str());
  PrintServe(options.directory, "");
  return 0;
}

int Fork(const SnapshotOptions& options) {
  const std::string path = DataFile(options.directory);
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    return FailUsage(path + " already exists; fork into another directory");
  }
  const auto made = MakeDirectory(options.directory);
  if (made.has_error()) return FailUsage(made.error());
  const auto saved = SaveRemotely(options.server, path);
  if (saved.has_error()) return FailByCode(saved.error());
  if (options.output == "json") {
    PrintCopy(path, saved.value());
    return 0;
  }
  std::printf("forked into %s (%s)\n", path.c_str(), Describe(saved.value()).c_str());
  // The original uses its port.
  PrintServe(options.directory, " --port 0");
  return 0;
}

}  // namespace

void AddSnapshot(CLI::App& app, Action& action) {
  CLI::App* const snapshot =
      app.add_subcommand("snapshot", "Save the state of a daemon in a file, and continue from it");
  snapshot->require_subcommand(1);
  snapshot->footer(
      R"(A snapshot is a data file: jobs, pods, tables, change records and the positions of their readers.
What was not delivered when it was taken is delivered by the daemon that continues from it.

Examples:
  kless snapshot save before.db
  kless snapshot load before.db --data-directory ./again && kless serve --data-directory ./again
  kless snapshot fork ./what-if)");
  auto options = std::make_shared<SnapshotOptions>();

  CLI::App* const save = snapshot->add_subcommand("save", "Save the running daemon's state");
  save->add_option("FILE", options->file, "File to create, on the daemon's machine")
      ->required()
      ->type_name("FILE");
  AddServerFlag(*save, &options->server);
  AddOutputFlag(*save, &options->output);
  save->footer(
      R"(Other requests wait while the daemon copies.  An existing FILE is never overwritten.

Examples:
  kless snapshot save before.db
  kless snapshot save /backups/kless-monday.db --server http://127.0.0.1:9000)");
  save->callback([&action, options] { action = [options] { return Save(*options); }; });

  CLI::App* const load =
      snapshot->add_subcommand("load", "Create a data directory from a snapshot");
  load->add_option("FILE", options->file, "Snapshot, or the data file kless.db of any daemon")
      ->required()
      ->type_name("FILE");
  load->add_option("--data-directory", options->directory,
                   "Directory in which to create kless.db; no daemon may be using it")
      ->required()
      ->type_name("DIR");
  AddOutputFlag(*load, &options->output);
  load->add_flag("--force", options->force, "Replace the data in DIR");
  load->footer(R"(Examples:
  kless snapshot load before.db --data-directory ./again
  kless snapshot load before.db --data-directory ./kless-data --force)");
  load->callback([&action, options] { action = [options] { return Load(*options); }; });

  CLI::App* const fork =
      snapshot->add_subcommand("fork", "Save the running daemon's state as a new data directory");
  fork->add_option("DIR", options->directory,
                   "Directory in which to create kless.db, on the daemon's machine")
      ->required()
      ->type_name("DIR");
  AddServerFlag(*fork, &options->server);
  AddOutputFlag(*fork, &options->output);
  fork->footer(
      R"(The daemon keeps running, and a second one continues from the fork: they then differ.

Examples:
  kless snapshot fork ./what-if
  kless snapshot fork ./what-if && kless serve --data-directory ./what-if --port 9000)");
  fork->callback([&action, options] { action = [options] { return Fork(*options); }; });
}

}  // namespace kless::cli
