#include "emulator/cli/exec/exec_artifacts.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/file_list.h"
#include "emulator/base/system/files.h"
#include "emulator/base/yaml.h"
#include "emulator/cli/api_client.h"
#include "emulator/experiment/report/markup.h"
#include "store/store.h"

namespace kless::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
  const auto reply = api.http().Stream(
      "/kless/v1/feed?limit=" + std::to_string(kRetentionCountMaximum), [&](std::string_view line) {
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
    KLESS_TRY(const auto page,
              api.Call("GET", "/kless/v1/invocations?limit=" + std::to_string(kInvocationsPage) +
                                  "&after=" + std::to_string(after)));
    const json items = page.value("items", json::array());
    for (const json& item : items) text += DumpJson(item) + "\n";
    if (items.empty()) return WriteFile(path, text);
    after = page.value("next", after);
  }
}

Result<void> SaveStatus(ApiClient& api, const std::string& path) {
  KLESS_TRY(const auto status, api.Call("GET", "/kless/v1/status"));
  return WriteFile(path, status.dump(2) + "\n");
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

Result<void> ArtifactFolder::Prepare(const std::string& spared) const {
  KLESS_TRY_VOID(MakeFolder(path_));
  std::set<std::string> names = ReadFileList(path_);
  std::erase_if(names, [&](const std::string& name) {
    std::error_code ignored;
    const std::string path = path_ + "/" + name;
    if (!spared.empty() && fs::equivalent(path, spared, ignored)) return false;
    fs::remove(path, ignored);
    return true;
  });
  return WriteFileList(path_, names);
}

Result<std::string> ArtifactFolder::Claim(const std::string& name) const {
  std::string path = path_ + "/" + name;
  std::set<std::string> names = ReadFileList(path_);
  std::error_code ignored;
  if (names.insert(name).second) {
    if (fs::exists(fs::symlink_status(path, ignored))) {
      return MakeError(ErrorCode::kAlreadyExists,
                       path + " was not written by kless, and is not replaced");
    }
    KLESS_TRY_VOID(WriteFileList(path_, names));
  }
  return path;
}

Result<void> SaveDaemonState(const std::string& endpoint, const ArtifactFolder& folder) {
  KLESS_TRY(auto api, ApiClient::Create(endpoint));
  api.http().SetPatience(kAnswerPatience);
  using Save = Result<void> (*)(ApiClient&, const std::string&);
  const std::vector<std::pair<Save, const char*>> files = {{SaveFeed, "feed.jsonl"},
                                                           {SaveInvocations, "invocations.jsonl"},
                                                           {SaveStatus, "status.json"}};
  Result<void> first;
  for (const auto& [save, name] : files) {
    const auto path = folder.Claim(name);
    const auto saved = path.has_error() ? Result<void>(path.error()) : save(api, path.value());
    if (saved.has_error() && first.has_value()) first = saved.error();
  }
  return first;
}

Result<void> SaveRun(const ExecRun& run, const ArtifactFolder& folder) {
  Result<void> first;
  for (const auto& [name, text] : {std::pair<std::string, std::string>{"junit.xml", ExecJunit(run)},
                                   {"settings.yaml", ExecSettingsYaml(run)},
                                   {"seed.txt", std::to_string(run.seed) + "\n"}}) {
    const auto path = folder.Claim(name);
    const auto written =
        path.has_error() ? Result<void>(path.error()) : WriteFile(path.value(), text);
    if (written.has_error() && first.has_value()) first = written.error();
  }
  return first;
}

Result<void> SaveCopy(const std::string& from, const std::string& name,
                      const ArtifactFolder& folder) {
  std::error_code ignored;
  if (fs::equivalent(from, folder.path() + "/" + name, ignored)) return {};
  KLESS_TRY(const auto text, ReadFile(from));
  const auto path = folder.Claim(name);
  return path.has_error() ? Result<void>(path.error()) : WriteFile(path.value(), text);
}

}  // namespace kless::cli
