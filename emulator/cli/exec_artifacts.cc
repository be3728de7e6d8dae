#include "emulator/cli/exec_artifacts.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/files.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"
#include "emulator/cli/api_client.h"
#include "emulator/experiment/markup.h"

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr std::uint64_t kAllRecords = 1'000'000;  // as many as a daemon keeps
constexpr std::uint64_t kInvocationsPage = 1000;
constexpr std::chrono::seconds kAnswerPatience{10};

// Returns the command as it can be typed: "kubectl get jobs".
std::string CommandText(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + ShellWord(word);
  return text;
}

Result<void> SaveFeed(ApiClient& api, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const auto reply = api.http().Stream("/kless/v1/feed?limit=" + std::to_string(kAllRecords),
                                       [&](std::string_view line) {
                                         if (!line.empty()) file << line << '\n';
                                         return static_cast<bool>(file);
                                       });
  if (reply.has_error()) return reply.error();
  if (reply.value().status / 100 != 2) return ErrorOfReply(reply.value());
  file.flush();
  if (file) return {};
  return MakeError(ErrorCode::kUnavailable, path + " cannot be written");
}

Result<void> SaveInvocations(ApiClient& api, const std::string& path) {
  std::string text;
  std::uint64_t after = 0;
  while (true) {
    const auto page =
        api.Call("GET", "/kless/v1/invocations?limit=" + std::to_string(kInvocationsPage) +
                            "&after=" + std::to_string(after));
    if (page.has_error()) return page.error();
    const json items = page.value().value("items", json::array());
    for (const json& item : items) text += DumpJson(item) + "\n";
    if (items.empty()) return WriteFile(path, text);
    after = page.value().value("next", after);
  }
}

Result<void> SaveStatus(ApiClient& api, const std::string& path) {
  const auto status = api.Call("GET", "/kless/v1/status");
  if (status.has_error()) return status.error();
  return WriteFile(path, status.value().dump(2) + "\n");
}

}  // namespace

std::string ExecJunit(const ExecRun& run) {
  const std::string seconds = std::to_string(run.took.count() / 1000) + "." +
                              std::to_string(1000 + run.took.count() % 1000).substr(1);
  const bool failed = run.exit_code != 0;
  const std::string totals =
      "tests=\"1\" failures=\"" + std::string(failed ? "1" : "0") + "\" errors=\"0\"";
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + totals +
      ">\n  <testsuite name=\"kless exec\" " + totals + " time=\"" + seconds +
      "\">\n    <properties>\n      <property name=\"seed\" value=\"" + std::to_string(run.seed) +
      "\"/>\n      <property name=\"kless\" value=\"" + KLESS_VERSION +
      "\"/>\n    </properties>\n    <testcase classname=\"kless.exec\"" + " name=\"" +
      experiment::EscapeMarkup(CommandText(run.command)) + "\" time=\"" + seconds + "\"";
  if (failed) {
    text += ">\n      <failure message=\"exit code " + std::to_string(run.exit_code) +
            "\"/>\n    </testcase>\n";
  } else {
    text += "/>\n";
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

std::string ExecSettingsYaml(const ExecRun& run) {
  json settings = json::object();
  for (const auto& [path, value] : run.settings) {
    json* place = &settings;
    for (const std::string_view key : Split(path, '.')) place = &(*place)[std::string(key)];
    *place = value;
  }
  return DumpYaml(settings);
}

Result<void> SaveDaemonState(const std::string& endpoint, const std::string& folder) {
  auto api = ApiClient::Create(endpoint);
  if (api.has_error()) return api.error();
  api.value().http().SetPatience(kAnswerPatience);
  using Save = Result<void> (*)(ApiClient&, const std::string&);
  const std::vector<std::pair<Save, const char*>> files = {{SaveFeed, "/feed.jsonl"},
                                                           {SaveInvocations, "/invocations.jsonl"},
                                                           {SaveStatus, "/status.json"}};
  for (const auto& [save, name] : files) {
    const auto saved = save(api.value(), folder + name);
    if (saved.has_error()) return saved.error();
  }
  return {};
}

Result<void> SaveRun(const ExecRun& run, const std::string& folder) {
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"/junit.xml", ExecJunit(run)},
        {"/settings.yaml", ExecSettingsYaml(run)},
        {"/seed.txt", std::to_string(run.seed) + "\n"}}) {
    const auto written = WriteFile(folder + name, text);
    if (written.has_error()) return written.error();
  }
  return {};
}

}  // namespace kless::cli
