// `kless status`: the identity and state of a daemon, on one screen.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/duration.h"
#include "emulator/base/text_table.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/output.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct StatusOptions {
  std::string server;
  std::string output = "text";
};

std::uint64_t CountOf(const json& object, const char* key) {
  return object.value(key, std::uint64_t{0});
}

// Returns "2h3m" or "450ms": whole seconds from one second on.
std::string TimeText(double milliseconds) {
  const auto whole = static_cast<std::int64_t>(milliseconds);
  return FormatDuration(std::chrono::milliseconds(whole < 1000 ? whole : whole / 1000 * 1000));
}

std::string ControlPlaneText(const json& status) {
  std::string loops;
  for (const json& loop : status.value("loops", json::array())) {
    loops += (loops.empty() ? "" : ", ") + loop.get<std::string>();
  }
  return Cell(status, "control_plane") + ", loops: " + (loops.empty() ? "none" : loops);
}

std::string ClockText(const json& status) {
  const json clock = status.value("clock", json::object());
  std::string text = Cell(clock, "now");
  if (clock.value("paused", false)) return text + ", paused";
  return text + ", speed " + NumberCell(clock, "speed");
}

std::string DataText(const json& status) {
  const json data = status.value("data", json::object());
  if (data.value("file", json()).is_null()) return "in memory only";
  const double wal = data.value("wal_bytes", 0.0);
  return Cell(data, "file") + ", " + BytesText(data.value("bytes", 0.0)) + " (WAL " +
         BytesText(wal) + "), durability " + Cell(data, "durability");
}

std::string FeedText(const json& status) {
  const json feed = status.value("feed", json::object());
  const std::uint64_t latest = CountOf(feed, "latest");
  const std::uint64_t trimmed = CountOf(feed, "low_water");
  return std::to_string(latest) + " written, " + std::to_string(latest - trimmed) + " kept";
}

std::string WaitingText(const json& status) {
  const json oldest = status.value("oldest_unprocessed", json());
  if (oldest.is_null()) return status.value("idle", false) ? "none, idle" : "none, busy";
  return "the oldest for " + TimeText(oldest.value("age_ms", 0.0)) + ", by " +
         Cell(oldest, "mapping");
}

std::string FunctionsText(const json& status) {
  std::uint64_t invocations = 0;
  std::uint64_t cold = 0;
  std::uint64_t throttles = 0;
  std::uint64_t errors = 0;
  const json functions = status.value("functions", json::array());
  if (functions.empty()) return "none";
  for (const json& function : functions) {
    invocations += CountOf(function, "invocations");
    cold += CountOf(function, "cold_starts");
    throttles += CountOf(function, "throttles");
    errors += CountOf(function, "errors");
  }
  const auto counted = [](std::uint64_t count, const char* thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
  };
  return std::to_string(functions.size()) + ": " + counted(invocations, "invocation") + ", " +
         counted(cold, "cold start") + ", " + counted(throttles, "throttle") + ", " +
         counted(errors, "error") + "; " + std::to_string(CountOf(status, "concurrency")) + " of " +
         std::to_string(CountOf(status, "account_concurrency")) + " running";
}

std::string NodesText(const json& status) {
  const json nodes = status.value("nodes", json::object());
  const std::uint64_t count = CountOf(nodes, "count");
  if (count == 0) return "none: pods run only when a client sets their status";
  return std::to_string(count) + ", " + std::to_string(CountOf(nodes, "alive")) + " alive";
}

std::string ObjectsText(const json& status) {
  std::string text;
  const json objects = status.value("objects", json::object());
  for (const auto& [type, count] : objects.items()) {
    text += (text.empty() ? "" : ", ") + type + " " + count.dump();
  }
  return text.empty() ? "none" : text;
}

int PrintStatus(ApiClient& api, const StatusOptions& options) {
  const auto answer = api.Call("GET", "/kless/v1/status");
  if (answer.has_error()) return Fail(answer.error());
  json status = answer.value();
  status["endpoint"] = api.http().endpoint();
  if (options.output == "json") {
    PrintJson(status);
    return 0;
  }
  TextTable table({"kless:", Cell(status, "version") + " at " + Cell(status, "endpoint")});
  table.Add({"control plane:", ControlPlaneText(status)});
  table.Add({"latency:", Cell(status, "latency")});
  table.Add(
      {"seed:", Cell(status, "seed") + " (start " + Cell(status, "starts") + " on this data)"});
  table.Add({"up for:", TimeText(status.value("uptime_ms", 0.0))});
  table.Add({"emulated time:", ClockText(status)});
  table.Add({"data:", DataText(status)});
  table.Add({"change records:", FeedText(status)});
  table.Add({"unprocessed:", WaitingText(status)});
  table.Add({"functions:", FunctionsText(status)});
  table.Add({"nodes:", NodesText(status)});
  table.Add({"objects:", ObjectsText(status)});
  table.Print();
  const json functions = status.value("functions", json::array());
  if (functions.empty()) return 0;
  TextTable counts({"FUNCTION", "ENVIRONMENTS", "INVOCATIONS", "COLD", "THROTTLES", "ERRORS"});
  counts.AlignRightFrom(1);
  for (const json& function : functions) {
    if (CountOf(function, "invocations") == 0) continue;
    counts.Add({Cell(function, "name"), Cell(function, "environments"),
                Cell(function, "invocations"), Cell(function, "cold_starts"),
                Cell(function, "throttles"), Cell(function, "errors")});
  }
  std::printf("\n%s", counts.Text().c_str());
  return 0;
}

}  // namespace

void AddStatus(CLI::App& app, Action& action) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* const command = AddDaemonCommand<StatusOptions>(
      app, action, options, "status", "Say what a running daemon is and how it does", PrintStatus);
  AddOutputFlag(*command, &options->output);
  command->footer(R"(Exit code 1 if no daemon answers.

Examples:
  kless status
  kless status -o json | jq -r .seed)");
}

}  // namespace kless::cli
