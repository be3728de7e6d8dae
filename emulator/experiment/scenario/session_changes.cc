#include "emulator/experiment/scenario/session_changes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/number_text.h"
#include "emulator/base/strings.h"

namespace kless::experiment {
namespace {

constexpr std::string_view kAdminPrefix = "/kless/v1/";
constexpr std::size_t kChangesShown = 6;

struct SessionChange {
  Duration at{};
  std::string text;                // as the command line has it: "function set NAME init=450"
  std::vector<std::string> paths;  // the settings to which it gives a value
};

// Appends "init", "mapping.batch_size" with their values.
void Flatten(const nlohmann::json& map, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>* values) {
  for (const auto& [key, value] : map.items()) {
    if (value.is_object()) {
      Flatten(value, prefix + key + ".", values);
    } else {
      values->emplace_back(prefix + key,
                           value.is_string() ? value.get<std::string>() : DumpJson(value));
    }
  }
}

SessionChange SettingsChange(const RecordedRequest& recorded, const std::string& name) {
  SessionChange change{recorded.at, "function set" + (name.empty() ? "" : " " + name), {}};
  const auto body = ParseJson(recorded.request.body);
  std::vector<std::pair<std::string, std::string>> values;
  if (body.has_value() && body.value().is_object()) Flatten(body.value(), "", &values);
  for (const auto& [key, value] : values) {
    change.text += " " + key + "=" + value;
    change.paths.push_back("functions." + (name.empty() ? "" : name + ".") + key);
  }
  return change;
}

// Returns an empty text if it changes only Kubernetes objects and items.
SessionChange ChangeOf(const RecordedRequest& recorded) {
  const HttpRequest& request = recorded.request;
  SessionChange change{recorded.at, "", {}};
  if (!request.path.starts_with(kAdminPrefix) || request.method == "GET") return change;
  if (recorded.status && *recorded.status >= 300) return change;  // it was refused
  std::vector<std::string> words;
  const std::string_view rest = std::string_view(request.path).substr(kAdminPrefix.size());
  for (const std::string_view word : Split(rest, '/')) words.emplace_back(word);
  const std::string& kind = words.front();
  const std::string name = words.size() > 1 ? words[1] : "", verb = words.back();
  if (kind == "functions" && request.method == "PATCH") return SettingsChange(recorded, name);
  if (kind == "functions" && words.size() == 3 && (verb == "reset" || verb == "warm")) {
    change.text = "function " + verb + " " + name;
  } else if (kind == "nodes" && words.size() == 3) {
    change.text = "node " + verb + " " + name;
  } else if (kind == "faults") {
    change.text = request.method == "DELETE" ? "faults removed" : "fault " + request.body;
  } else if (kind == "pods" && words.size() == 4) {
    change.text = "pod " + verb + " " + words[1] + "/" + words[2];
  }
  return change;
}

// Whether `set` gives a value for `path` or for a part of it.
bool Concerns(const std::string& set, const std::string& path) {
  return path == set || path.starts_with(set + ".") || set.starts_with(path + ".");
}

}  // namespace

std::vector<std::string> SessionRemarks(
    const Recording& recording, const std::vector<std::pair<std::string, std::string>>& sets) {
  std::vector<std::string> remarks, beaten;
  std::string list;
  std::size_t changes = 0, clock = 0;
  for (const RecordedRequest& recorded : recording.requests) {
    if (recorded.request.path == "/kless/v1/clock" && recorded.request.method == "POST") ++clock;
    const SessionChange change = ChangeOf(recorded);
    if (change.text.empty()) continue;
    if (++changes <= kChangesShown) {
      list += (list.empty() ? "" : "; ") +
              ("at " + FormatShort(ToMilliseconds(change.at) / 1000, 3) + " s ") + change.text;
    }
    for (const std::string& path : change.paths) {
      for (const auto& [set, value] : sets) {
        const std::string flag = "--set " + set;
        if (!Concerns(set, path) || std::find(beaten.begin(), beaten.end(), flag) != beaten.end()) {
          continue;
        }
        beaten.push_back(flag);
      }
    }
  }
  if (changes > kChangesShown) list += "; and " + std::to_string(changes - kChangesShown) + " more";
  if (changes > 0) {
    std::string remark = "the session's own changes are replayed at their times: " + list;
    for (std::size_t i = 0; i < beaten.size(); ++i) {
      remark += (i == 0 ? "; from there on they win over " : ", ") + beaten[i];
    }
    remarks.push_back(std::move(remark));
  }
  if (clock > 0) {
    remarks.push_back(std::to_string(clock) +
                      (clock == 1 ? " request to the clock is" : " requests to the clock are") +
                      " left out: a replay runs in virtual time, at the recorded times");
  }
  return remarks;
}

}  // namespace kless::experiment
