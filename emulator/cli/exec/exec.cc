// `kless exec`: runs a command with a daemon of its own, and returns its exit code.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "emulator/base/random.h"
#include "emulator/base/system/files.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/aws_variables.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/exec/child_process.h"
#include "emulator/cli/exec/exec_artifacts.h"
#include "emulator/cli/exec/exec_folder.h"
#include "emulator/cli/exec/keeper.h"
#include "emulator/cli/kubeconfig_text.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/cli/system.h"
#include "emulator/doors/http/certificate.h"

namespace kless::cli {
namespace {

constexpr std::chrono::milliseconds kStopPatience{2000};
constexpr int kCannotRun = 126;
constexpr int kNoSuchCommand = 127;
// Seeds that are drawn here fit into the numbers of every JSON parser.
constexpr std::uint64_t kSeedLimit = std::uint64_t{1} << 53;

struct ExecOptions {
  SettingsFlags settings;
  std::vector<std::string> command;
  std::string artifacts;  // "": none
  bool always = false;
};

int FailExec(const std::string& message) {
  Fail(message);
  return kExecFailed;
}

// Extracts "http://127.0.0.1:41235" from the line that says that the daemon is ready.
std::string EndpointOf(const std::string& ready_line) {
  const auto begin = ready_line.find("http");
  if (begin == std::string::npos) return "";
  return ReachableUrl(ready_line.substr(begin, ready_line.find(' ', begin) - begin));
}

// Whether a line of the log is below the level that is shown by default.
bool IsDetail(std::string_view line) {
  if (line.find(R"("level":"debug")") != std::string_view::npos) return true;
  if (line.find(R"("level":"info")") != std::string_view::npos) return true;
  constexpr std::size_t kLevel = std::string_view("2026-01-01T00:00:00.000Z ").size();
  return line.size() > kLevel + 1 && line[4] == '-' && line[kLevel - 2] == 'Z' &&
         (line[kLevel] == 'D' || line[kLevel] == 'I') && line[kLevel + 1] == ' ';
}

// One run, in the keeper.
class ExecSession {
 public:
  ExecSession(Keeper& keeper, const ExecOptions& options, const Config& config)
      : keeper_(keeper), options_(options), config_(config), artifacts_(options.artifacts) {}

  int Run() {
    auto folder = ExecFolder::Make();
    if (folder.has_error()) return FailExec(folder.error().message);
    folder_ = std::move(folder.value());
    const auto prepared = PrepareArtifacts();
    if (prepared.has_error()) return FailExec(prepared.error().message);
    auto daemon = DaemonChild::Start(keeper_, DaemonArguments(), ErrorLines());
    if (daemon.has_error()) return FailExec(daemon.error().message);

    QueuedSignal signal;
    const auto line = daemon.value().ReadLine(&signal);
    if (line.has_error()) return End(daemon.value(), Keeper::IsFrontGone(signal), signal.number);
    const std::string endpoint = EndpointOf(line.value());
    if (endpoint.empty()) {  // the reason has been printed
      daemon.value().Stop(kStopPatience);
      return kExecFailed;
    }
    return RunWith(daemon.value(), endpoint);
  }

 private:
  bool IsGiven(const char* path) const { return config_.given.contains(path); }
  std::string DataDirectory() const {
    return IsGiven("store.data_directory") ? config_.data_directory : folder_->path() + "/data";
  }
  std::string RecordingPath() const {
    return config_.record.empty() ? folder_->path() + "/recording.jsonl" : config_.record;
  }
  std::string LogPath() const { return folder_->path() + "/log.txt"; }

  Result<void> PrepareArtifacts() {
    if (options_.artifacts.empty()) return {};
    const std::string config_file = ConfigFileOf(options_.settings);
    KLESS_TRY_VOID(artifacts_.Prepare(config_file));
    log_.open(LogPath());
    return {};
  }

  // Returns the defaults in which this command differs from `serve`, then the given arguments.
  std::vector<std::string> DaemonArguments() const {
    std::vector<std::string> arguments = {OwnPath(), "serve"};
    const auto add = [&](const char* path, const std::string& argument) {
      if (!IsGiven(path)) arguments.push_back(argument);
    };
    add("server.port", "--port=0");
    // Who names a folder wants the data to be in it.
    if (!IsGiven("store.data_directory")) add("store.durability", "--durability=memory");
    add("store.data_directory", "--data-directory=" + DataDirectory());
    add("seed", "--seed=" + std::to_string(*config_.seed));
    if (!options_.artifacts.empty()) {
      add("record", "--record=" + RecordingPath());
      add("log.level", "--log-level=debug");
    }
    for (std::string& argument : ToArguments(options_.settings)) {
      arguments.push_back(std::move(argument));
    }
    return arguments;
  }

  // With artifacts the log is saved completely, and shown as far as it would be shown without them.
  DaemonChild::ErrorLine ErrorLines() {
    if (options_.artifacts.empty()) return nullptr;
    return [this](std::string_view line) {
      log_ << line << '\n';
      if (!IsGiven("log.level") && IsDetail(line)) return;
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    };
  }

  Result<std::map<std::string, std::string>> CommandVariables(const std::string& endpoint) const {
    const std::string kubeconfig = folder_->path() + "/kubeconfig";
    std::map<std::string, std::string> variables = {{"KLESS_ENDPOINT", endpoint},
                                                    {"KUBECONFIG", kubeconfig}};
    std::string certificate_file;
    std::string certificate;
    if (endpoint.starts_with("https")) {
      certificate_file =
          std::filesystem::absolute(TlsFilesIn(DataDirectory()).certificate).string();
      KLESS_TRY(const auto read, ReadFile(certificate_file));
      certificate = read;
      variables["KLESS_CERTIFICATE"] = certificate_file;
      // For this process's own requests.
      setenv("KLESS_CERTIFICATE", certificate_file.c_str(), 1);
    }
    KLESS_TRY_VOID(WriteFile(kubeconfig, KubeconfigText(endpoint, certificate)));
    variables.merge(AwsVariables(endpoint, config_.aws.region, certificate_file));
    return variables;
  }

  int RunWith(DaemonChild& daemon, const std::string& endpoint) {
    const auto variables = CommandVariables(endpoint);
    if (variables.has_error()) return FailExec(variables.error().message);
    std::fprintf(stderr, "kless exec: seed %llu%s\n",
                 static_cast<unsigned long long>(*config_.seed),
                 IsGiven("seed") ? "" : " (repeat with --seed)");
    const Stopwatch stopwatch;
    const auto ended = RunCommand(keeper_, daemon, options_.command, variables.value());
    if (ended.has_error()) {
      daemon.Stop(kStopPatience);
      Fail(ended.error());
      return ended.error().code == ErrorCode::kNotFound ? kNoSuchCommand : kCannotRun;
    }
    const CommandEnd& end = ended.value();
    if (end.front_gone || end.refused) return End(daemon, end.front_gone, end.exit_code - 128);
    int exit_code = end.exit_code;
    if (end.daemon_exit_code) {
      std::fprintf(stderr, "error: the daemon ended before the command did (exit code %d)\n",
                   *end.daemon_exit_code);
      if (exit_code == 0) exit_code = kExecFailed;
    }
    const bool keep = !options_.artifacts.empty() && (exit_code != 0 || options_.always);
    if (keep) SaveState(endpoint);
    daemon.Stop(kStopPatience);
    if (keep) SaveRest(exit_code, stopwatch.Elapsed());
    return exit_code;
  }

  // Ends the run without the command, or with what is left of it.
  int End(DaemonChild& daemon, bool front_gone, int signal) {
    if (front_gone) Keeper::KillDescendants({daemon.pid()});
    daemon.Stop(kStopPatience);
    if (front_gone) Keeper::KillDescendants({});
    return 128 + signal;
  }

  void SaveState(const std::string& endpoint) const { Warn(SaveDaemonState(endpoint, artifacts_)); }

  void SaveRest(int exit_code, std::chrono::milliseconds took) {
    ExecRun run;
    run.command = options_.command;
    run.seed = *config_.seed;
    run.settings = config_.given;
    run.settings["seed"] = std::to_string(*config_.seed);
    run.settings.erase("record");  // a recording is never overwritten
    run.exit_code = exit_code;
    run.took = took;
    Warn(SaveRun(run, artifacts_));
    log_.close();
    Warn(SaveCopy(LogPath(), "log.txt", artifacts_));
    Warn(SaveCopy(RecordingPath(), "recording.jsonl", artifacts_));
    std::fprintf(stderr, "kless exec: exit code %d, artifacts in %s\n", exit_code,
                 options_.artifacts.c_str());
  }

  // If artifacts cannot be written, the exit code of the command stays the same.
  static void Warn(const Result<void>& saved) {
    if (saved.has_error()) {
      std::fprintf(stderr, "warning: artifacts: %s\n", saved.error().message.c_str());
    }
  }

  Keeper& keeper_;
  const ExecOptions& options_;
  const Config& config_;
  const ArtifactFolder artifacts_;
  std::unique_ptr<ExecFolder> folder_;
  std::ofstream log_;
};

int Exec(const ExecOptions& options) {
  if (options.always && options.artifacts.empty()) {
    return FailExec("--artifacts-always needs --artifacts DIR");
  }
  auto config = LoadConfig(options.settings);
  if (config.has_error()) return FailExec(config.error().message);
  if (!config.value().seed) config.value().seed = EntropySeed() % kSeedLimit;
  return Keeper::Run([&](Keeper& keeper) {
    ExecSession session(keeper, options, config.value());
    return session.Run();
  });
}

}  // namespace

void AddExec(CLI::App& app, Action& action) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* const command = app.add_subcommand(
      "exec", "Run a command with a daemon of its own, and return its exit code");
  command->add_option("COMMAND", options->command, "The command and its arguments, after --")
      ->required()
      ->type_name("");
  command
      ->add_option(
          "--artifacts", options->artifacts,
          "Folder for files that show why a command failed: feed, invocations, log, recording, "
          "junit.xml, settings, seed; the next run removes them")
      ->type_name("DIR");
  command->add_flag("--artifacts-always", options->always,
                    "Write the artifacts for every exit code");
  AddSettingsFlags(*command, &options->settings,
                   {{"--port", "a free one"},
                    {"--data-directory", "a temporary one"},
                    {"--durability", "memory; normal with --data-directory"},
                    {"--seed", "drawn, and printed"}});
  command->footer(R"(Starts a daemon on a free port with its data in memory, sets KLESS_ENDPOINT,
KUBECONFIG, AWS_ENDPOINT_URL, keys and region for the command (with --tls also KLESS_CERTIFICATE
and AWS_CA_BUNDLE, a PEM file), and stops the daemon when the command ends.  Signals are passed on.
Whatever kills kless, SIGKILL included, also ends the command with all its descendants.

The exit code is the command's (128 + n if signal n ended it); 125: kless itself failed, 126: the
command cannot be run, 127: there is no such command.  'kless help settings' lists all settings.

Examples:
  kless exec -- kubectl get jobs
  kless exec -- aws dynamodb list-tables
  kless exec --function job-controller.init=450 -- pytest tests/jobs
  kless exec --seed 42 --artifacts out -- ./jobs_test.sh
  kless exec --tls -- sh -c 'curl --cacert "$KLESS_CERTIFICATE" "$KLESS_ENDPOINT/version"'
  kless exec --config out/settings.yaml -- ./jobs_test.sh)");
  command->callback([&action, options] { action = [options] { return Exec(*options); }; });
}

}  // namespace kless::cli
