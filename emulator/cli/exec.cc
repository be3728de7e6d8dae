#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "emulator/base/files.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/child_process.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/kubeconfig_text.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/doors/tls_certificate.h"

namespace kless::cli {
namespace {

constexpr std::chrono::milliseconds kStopPatience{2000};

struct ExecOptions {
  SettingsFlags settings;
  std::vector<std::string> command;
};

// A folder of our own under the system's temporary one, removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(MakeTemporaryFolder("kless-exec-")) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// "http://127.0.0.1:41235" of the line that says that the daemon is ready.
std::string EndpointOf(const std::string& ready_line) {
  const auto begin = ready_line.find("http");
  if (begin == std::string::npos) return "";
  return ready_line.substr(begin, ready_line.find(' ', begin) - begin);
}

int Exec(const ExecOptions& options) {
  const TemporaryFolder folder;
  if (folder.path().empty()) return Fail("no temporary folder can be made");

  std::vector<std::string> daemon = {OwnPath(), "serve"};
  const auto& given = options.settings.values;
  if (!given.contains("--port")) daemon.emplace_back("--port=0");
  if (!given.contains("--durability")) daemon.emplace_back("--durability=memory");
  if (!given.contains("--data-directory")) {
    daemon.push_back("--data-directory=" + folder.path() + "/data");
  }
  for (std::string& argument : ToArguments(options.settings)) {
    daemon.push_back(std::move(argument));
  }
  auto server = ChildProcess::StartDaemon(daemon);
  if (server.has_error()) return Fail(server.error());
  const std::string endpoint = EndpointOf(server.value().ReadLine());
  if (endpoint.empty()) {  // it has said why
    server.value().Stop(kStopPatience);
    return 1;
  }
  const std::string kubeconfig = folder.path() + "/kubeconfig";
  std::map<std::string, std::string> environment = {{"KLESS_ENDPOINT", endpoint},
                                                    {"KUBECONFIG", kubeconfig}};
  std::string certificate;
  if (endpoint.starts_with("https")) {
    const auto directory = given.find("--data-directory");
    const std::string path =
        TlsFilesIn(directory == given.end() ? folder.path() + "/data" : directory->second)
            .certificate;
    environment["KLESS_CERTIFICATE"] = path;
    const auto read = ReadFile(path);
    if (read.has_error()) return Fail(read.error());
    certificate = read.value();
  }
  std::ofstream(kubeconfig) << KubeconfigText(endpoint, certificate);
  const auto exit_code = RunForwardingSignals(options.command, environment);
  server.value().Stop(kStopPatience);
  if (exit_code.has_error()) {
    Fail(exit_code.error());
    return exit_code.error().code == ErrorCode::kNotFound ? 127 : 126;
  }
  return exit_code.value();
}

}  // namespace

void AddExec(CLI::App& app, Action& action) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* const command = app.add_subcommand(
      "exec", "Run a command against a kless of its own, and pass on its exit code");
  command->add_option("command", options->command, "The command and its arguments, after --")
      ->required()
      ->type_name("");
  AddSettingsFlags(*command, &options->settings);
  command->footer(R"(Starts a daemon on a free port with its data in memory, sets KLESS_ENDPOINT and
KUBECONFIG for the command, and stops the daemon when the command ends.  Signals are passed on; the
exit code is the command's (128 + n if signal n ended it).

Examples:
  kless exec -- kubectl get jobs
  kless exec --function job-controller.init=450 -- pytest tests/jobs)");
  command->callback([&action, options] { action = [options] { return Exec(*options); }; });
}

}  // namespace kless::cli
