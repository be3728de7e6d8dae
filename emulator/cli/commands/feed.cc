// `kless feed`: prints the change feed, one record per line, and can follow it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/output.h"
#include "store/store.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct FeedOptions {
  std::string server;
  bool follow = false;
  std::string after;
  std::string table;
  std::uint64_t limit = 0;  // 0: no limit
  std::string output = "text";
};

std::string KeyText(const json& key) {
  std::string text;
  for (const auto& [name, typed] : key.items()) {
    if (!text.empty()) text += " ";
    text += name + "=";
    text += typed.is_object() && !typed.empty() && typed.begin().value().is_string()
                ? typed.begin().value().get<std::string>()
                : typed.dump();
  }
  return text;
}

// Prints "12  2026-01-01T00:00:00.000000Z  INSERT  resources  resource-name=default/pi ...".
bool PrintRecord(std::string_view line, bool as_json) {
  if (line.empty()) return true;
  if (as_json) {
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    return true;
  }
  const auto parsed = ParseJson(line);
  if (parsed.has_error() || !parsed.value().is_object()) return false;
  const json& record = parsed.value();
  if (record.contains("error")) return true;
  std::printf("%-8llu %s %-6s %s %s\n",
              static_cast<unsigned long long>(record.value("sequence", std::uint64_t{0})),
              record.value("time", "").c_str(), record.value("kind", "").c_str(),
              record.value("table", "").c_str(),
              KeyText(record.value("key", json::object())).c_str());
  return true;
}

int Feed(const FeedOptions& options) {
  if (!options.after.empty() && options.after != "latest" && !ParseUnsigned(options.after)) {
    return FailUsage("--after must be a sequence number or 'latest', not '" + options.after + "'");
  }
  auto api = ApiClient::Create(options.server);
  if (api.has_error()) return FailUsage(api.error());
  std::string path = "/kless/v1/feed";
  std::string separator = "?";
  const auto add = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    path += separator + name + "=" + PercentEncode(value);
    separator = "&";
  };
  add("after", options.after);
  add("table", options.table);
  add("follow", options.follow ? "true" : "");
  const std::uint64_t all = options.follow ? 0 : kRetentionCountMaximum;
  const std::uint64_t limit = options.limit == 0 ? all : options.limit;
  add("limit", limit == 0 ? "" : std::to_string(limit));
  const bool as_json = options.output == "json";
  std::string failure;
  const auto reply = api.value().http().Stream(path, [&](std::string_view line) {
    if (line.starts_with(R"({"error":)")) {
      HttpReply error;
      error.body = line;
      failure = ErrorOfReply(error).message;
      return false;
    }
    if (!PrintRecord(line, as_json)) {
      failure = "not a change record: " + std::string(line);
      return false;
    }
    return !options.follow || std::fflush(stdout) == 0;
  });
  std::fflush(stdout);
  if (reply.has_error()) return Fail(reply.error());
  if (!failure.empty()) return Fail(failure);
  if (reply.value().status / 100 != 2) return Fail(ErrorOfReply(reply.value()));
  return 0;
}

}  // namespace

void AddFeed(CLI::App& app, Action& action) {
  auto options = std::make_shared<FeedOptions>();
  CLI::App* const command =
      app.add_subcommand("feed", "Print the change feed, one record per line");
  command->add_flag("--follow", options->follow,
                    "Keep running, and print each record as it commits");
  command
      ->add_option("--after", options->after,
                   "Start after this sequence number, or at 'latest' (the oldest record kept)")
      ->type_name("N");
  command->add_option("--table", options->table, "Only records of this table")->type_name("NAME");
  command->add_option("--limit", options->limit, "At most this many records, 1..1000000000 (all)")
      ->check(CLI::Range(std::uint64_t{1}, kRetentionCountMaximum))
      ->type_name("N");
  AddOutputFlag(*command, &options->output)->description("text, or json with both images (text)");
  AddServerFlag(*command, &options->server);
  command->footer(R"(Examples:
  kless feed --follow --after latest
  kless feed --after 120 --table resources -o json)");
  command->callback([&action, options] { action = [options] { return Feed(*options); }; });
}

}  // namespace kless::cli
