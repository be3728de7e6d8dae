// `kless serve`: runs one emulated world behind an HTTP server until a signal ends it.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "emulator/base/loop/command.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/system/log.h"
#include "emulator/cli/activity_log.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/aws_variables.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/cli/system.h"
#include "emulator/config_notes.h"
#include "emulator/doors/http/metrics.h"
#include "emulator/doors/http/server.h"
#include "emulator/doors/http/tls.h"
#include "emulator/emulator.h"
#include "emulator/recording.h"
#include "emulator/settings.h"
#include "store/saved_date.h"

namespace kless::cli {
namespace {

// Real time from the first signal: open requests and running invocations end, then the rest is
// aborted.  The process ends within 2 s.
constexpr std::chrono::milliseconds kClosePatience{500};
constexpr std::chrono::milliseconds kDrainPatience{1500};

// Users of a daemon expect a cluster: by default every control loop runs, and there are nodes that
// run the pods.  These count as given settings, so that a recording has them.
Result<void> FillCluster(Config* config) {
  for (const Setting& setting : Settings()) {
    if (config->given.contains(setting.path)) continue;
    if (setting.path == "loops" || setting.path == "data_plane.nodes") {
      KLESS_TRY_VOID(ApplySetting(setting, setting.example, "", config));
    }
  }
  return {};
}

// Creates the data directory, and sets the path of the file in it.
Result<void> PrepareStore(Config* config) {
  if (config->store.durability == Durability::kMemory) return {};
  std::error_code error;
  std::filesystem::create_directories(config->data_directory, error);
  if (error) {
    return MakeError(ErrorCode::kInvalidArgument, "the data directory " + config->data_directory +
                                                      " cannot be made: " + error.message());
  }
  config->store.path = (std::filesystem::path(config->data_directory) / "kless.db").string();
  return {};
}

std::string UrlOf(const Config& config, const std::string& address, int port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return std::string(config.tls ? "https://" : "http://") +
         (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// The variables by which a program on this machine reaches it.
std::map<std::string, std::string> EndpointVariables(const Config& config, int port) {
  const std::string endpoint = ReachableUrl(UrlOf(config, config.address, port));
  std::string certificate;
  if (config.tls) {
    std::error_code ignored;
    certificate =
        std::filesystem::absolute(TlsFilesIn(config.data_directory).certificate, ignored).string();
  }
  std::map<std::string, std::string> variables =
      AwsVariables(endpoint, config.aws.region, certificate);
  variables["KLESS_ENDPOINT"] = endpoint;
  if (config.tls) variables["KLESS_CERTIFICATE"] = certificate;
  return variables;
}

std::string ReadyLine(const Config& config, const Emulator& emulator, int port) {
  std::string line = "kless is ready at " + UrlOf(config, config.address, port) + " (";
  line += config.store.durability == Durability::kMemory ? "data in memory only"
                                                         : "data in " + config.data_directory;
  line += ", latency " + config.latency.name;
  if (config.speed != 1) line += fmt::format(", speed {:.6g}", config.speed);
  return line + ", seed " + std::to_string(emulator.seed()) + ")";
}

Task<> ShutDown(RealEventLoop& event_loop, Emulator& emulator, HttpServer& server) {
  co_await server.Close(kClosePatience);
  const auto left = kDrainPatience - kClosePatience;
  const Duration emulated(static_cast<Duration::rep>(
      event_loop.speed() * static_cast<double>(std::chrono::nanoseconds(left).count())));
  co_await emulator.Drain(event_loop.Now() + emulated);
  event_loop.Stop();
}

Result<std::unique_ptr<Recorder>> StartRecording(EventLoop& event_loop, Emulator& emulator) {
  RecordingHeader header;
  header.started_unix_ms = event_loop.UnixNanos() / 1'000'000;
  header.seed = emulator.seed();
  header.boot = emulator.boots();
  header.settings = SettingsForReplay(emulator.config());
  return Recorder::Create(emulator.config().record, event_loop, header);
}

// A reply goes out only after its effects are in the data file and the recording.
Task<> BeforeReply(Store* store, Recorder* recorder) {
  co_await store->Committed();
  recorder->Flush();
}

// Makes a world of these settings that leaves nothing behind: the error is that of a start.
Result<void> TryFunctions(Config config) {
  InitializeLog(LogLevel::kOff, false);
  config.store.durability = Durability::kMemory;
  config.data_plane.nodes = 0;
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  const auto made = Emulator::Create(event_loop, std::move(config));
  return made.has_error() ? Result<void>(made.error()) : Result<void>();
}

int Serve(const SettingsFlags& flags, bool explain) {
  std::vector<std::string> warnings;
  auto loaded = LoadConfig(flags, &warnings);
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  if (loaded.has_error()) return FailUsage(loaded.error());
  Config config = std::move(loaded.value());
  const std::string given = GivenSettings(config);
  const auto filled = FillCluster(&config);
  if (filled.has_error()) return FailUsage(filled.error());
  if (explain) {
    std::printf("%s", ConfigText(config).c_str());
    const auto tried = TryFunctions(config);
    return tried.has_error() ? Fail(tried.error()) : 0;
  }
  for (const std::string& note : NotesOnConfig(config)) {
    std::fprintf(stderr, "note: %s\n", note.c_str());
  }
  InitializeLog(config.log_level, config.log_json);
  RaiseOpenFileLimit();
  std::signal(SIGPIPE, SIG_IGN);
  const auto prepared = PrepareStore(&config);
  if (prepared.has_error()) return FailUsage(prepared.error());

  // Connections that are closed when the context is destroyed still use it.
  std::unique_ptr<Recorder> recorder;
  asio::io_context context(1);
  RealEventLoop event_loop(context, config.speed);
  auto emulator = Emulator::Create(event_loop, config);
  if (emulator.has_error()) {
    Error error = emulator.error();
    const bool in_use = error.code == ErrorCode::kConflict;
    if (in_use) error.message += "; choose another folder with --data-directory";
    return FailByCode(error);
  }
  HttpServerOptions options;
  options.address = config.address;
  options.port = config.port;
  if (config.tls) {
    const auto files = EnsureCertificate(config.data_directory, config.address);
    if (files.has_error()) return FailUsage(files.error());
    auto tls = TlsContext::Load(files.value());
    if (tls.has_error()) return FailUsage(tls.error());
    options.tls = std::move(tls.value());
  }
  options.monitor = &emulator.value()->http_metrics();
  Store& store = emulator.value()->store();
  std::function<Task<>()> before_reply = [&store] { return store.Committed(); };
  if (!config.record.empty()) {
    auto started = StartRecording(event_loop, *emulator.value());
    if (started.has_error()) return FailUsage(started.error());
    recorder = std::move(started.value());
    options.observer = recorder.get();
    before_reply = [&store, &recorder] { return BeforeReply(&store, recorder.get()); };
  }
  auto server =
      HttpServer::Listen(event_loop, emulator.value()->router(), options, std::move(before_reply));
  if (server.has_error()) {
    // An empty recording would be in the way of the next attempt.
    if (recorder) std::remove(config.record.c_str());
    return FailByCode(server.error());
  }

  emulator.value()->SetEndpoint(EndpointVariables(config, server.value()->port()));

  ActivityLog activity(context, *emulator.value());
  // A paused clock, or a stuck client, must not keep the process alive.
  asio::steady_timer give_up(context);
  bool stopping = false;
  event_loop.OnTerminationSignal([&](int signal) {
    if (stopping) {
      KillRunningCommands();
      std::_Exit(128 + signal);
    }
    stopping = true;
    activity.LogSignal(signal);
    give_up.expires_after(kDrainPatience);
    give_up.async_wait([&event_loop](boost::system::error_code) { event_loop.Stop(); });
    Spawn(event_loop, "shutdown", ShutDown(event_loop, *emulator.value(), *server.value()));
  });
  std::printf("%s\n", ReadyLine(config, *emulator.value(), server.value()->port()).c_str());
  std::fflush(stdout);
  activity.LogStart(UrlOf(config, config.address, server.value()->port()), given);

  event_loop.Run();
  UpdateSavedDate(store, event_loop);
  store.EndTurn();
  activity.LogEnd(server.value()->stats().requests);
  return 0;
}

}  // namespace

void AddServe(CLI::App& app, Action& action) {
  auto flags = std::make_shared<SettingsFlags>();
  CLI::App* const command =
      app.add_subcommand("serve", "Run the emulator until SIGINT, SIGTERM or SIGHUP");
  AddSettingsFlags(*command, flags.get());
  auto explain = std::make_shared<bool>(false);
  command->add_flag("--explain-config", *explain,
                    "Print every setting with its value and where it comes from, and stop");
  command->footer(
      R"(These are the settings that most users need; 'kless help settings' lists all of them.  Each is also a
key of the config file and a variable: --log-level is log.level and KLESS_LOG_LEVEL.  Flags win over
variables, variables over the file, the file over the settings that the latency profile brings.
--function takes a field of one function or, with the name default, of all: 'kless help settings' has
the names.

Exit codes: 0 after a signal; 1 if the port or the data is in use; 2 if a setting, or a file or folder
that it names, is wrong; 70 if the disk is full or a write fails, when everything acknowledged is in
the data file.

Examples:
  kless serve
  kless serve --port 9000 --data-directory /tmp/kless
  kless serve --nodes 100 --zones 3 --kubelet real
  kless serve --loops job --nodes 0
  kless serve --function job-controller.init=450 --account-concurrency 10
  kless serve --latency thesis-2024 --function default.mapping.parallelization_factor=1
  kless serve --durability memory --speed 100 --log-level info
  kless serve --tls
  kless serve --record requests.jsonl)");
  command->callback(
      [&action, flags, explain] { action = [flags, explain] { return Serve(*flags, *explain); }; });
}

}  // namespace kless::cli
