#include "emulator/experiment/scenario/run_spec.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/experiment/input/input_file.h"
#include "emulator/experiment/workload/workload.h"
#include "emulator/latency_file.h"
#include "emulator/settings.h"
#include "functions/pool/faults.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

class SpecReader {
 public:
  SpecReader(std::string folder, const std::map<std::string, std::string>& origins, RunSpec* spec)
      : origins_(origins), spec_(spec) {
    spec_->folder = std::move(folder);
  }

  void Read(const json& tree) {
    // The profile comes first: overrides and functions build upon it.
    if (tree.contains("latency")) {
      ReadValue("latency", Latency(tree["latency"]));
    } else if (const auto applied = ApplyDefaultLatency(&spec_->config); applied.has_error()) {
      Report("latency", applied.error().message);
    }
    if (tree.contains("profile")) ReadProfile(tree["profile"], "");
    for (const auto& [key, value] : tree.items()) {
      if (key != "latency" && key != "profile") ReadValue(key, value);
    }
    if (!tree.contains("workload") && !tree.contains("recording")) {
      Report("workload", "is missing: it describes what is submitted");
    }
    if (!spec_->workload.empty() && spec_->recording) {
      Report("recording", "there is already a workload: give only one of the two");
    }
    CheckPlane();
    CheckFunctions();
    for (const auto& [key, value] : tree.items()) {
      if (key != "workload" && !FindSetting(key) && !IsSettingGroup(key)) NoteOther(key, value);
    }
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void Report(const std::string& path, const std::string& sentence) {
    // A sentence that already begins with the path, or with one below it, is not given it twice.
    const bool has_place = sentence.starts_with(path + ":") || sentence.starts_with(path + ".");
    problems_.push_back(has_place ? sentence : path + ": " + sentence);
  }

  // Returns where the value at `path` was given: the command line may have replaced it, or the map
  // that contains it.
  std::string OriginOf(const std::string& path) const {
    for (std::string at = path; !at.empty();) {
      const auto found = origins_.find(at);
      if (found != origins_.end()) return found->second;
      const auto dot = at.rfind('.');
      at = dot == std::string::npos ? "" : at.substr(0, dot);
    }
    return "the scenario";
  }

  void NoteOther(const std::string& path, const json& value) {
    const bool is_distribution =
        value.is_object() && value.size() == 1 && value.begin().key().ends_with("_ms");
    if (value.is_object() && !value.empty() && !is_distribution) {
      for (const auto& [key, inner] : value.items()) NoteOther(path + "." + key, inner);
      return;
    }
    spec_->others.push_back({path, ValueText(value), OriginOf(path)});
  }

  void ReadProfile(const json& map, const std::string& prefix) {
    if (!map.is_object())
      return Report("profile", "must be a map of values of the latency profile");
    const auto known = LatencyProfile::Paths();
    for (const auto& [key, value] : map.items()) {
      const std::string path = prefix + key;
      const bool group = std::any_of(known.begin(), known.end(), [&](const std::string& each) {
        return each.starts_with(path + ".");
      });
      if (value.is_object() && (group || path == "init")) {
        ReadProfile(value, path + ".");
        continue;
      }
      const auto set = spec_->config.latency.Set(path, value);
      if (set.has_error()) Report("profile." + path, set.error().message);
    }
  }

  void ReadValue(const std::string& path, const json& value) {
    if (path == "workload") return ReadWorkload(value);
    if (path == "submitter") return ReadSubmitter(value);
    if (path == "start") return ReadStart(value);
    if (path == "faults") return ReadFaults(value);
    if (path == "warm_up") return ReadWarmUp(value);
    if (path == "limit") return ReadDuration(path, value, &spec_->limit);
    if (path == "keep_history") {
      if (!value.is_boolean()) return Report(path, "must be true or false");
      spec_->keep_history = value.get<bool>();
      return;
    }
    if (path == "from") return ReadFrom(value);
    if (path == "recording") return ReadTheRecording(value);
    if (path == "snapshot_at") {
      Duration at{};
      ReadDuration(path, value, &at);
      spec_->snapshot_at = at;
      return;
    }
    ReadSetting(path, value);
  }

  void ReadDuration(const std::string& path, const json& value, Duration* target) {
    const auto parsed = ParseDuration(value.is_string() ? value.get<std::string>() : value.dump());
    if (!parsed) {
      return Report(path, "must be a duration such as 1500 (milliseconds), 30s or 2h, not " +
                              DumpJson(value));
    }
    *target = *parsed;
  }

  void ReadWorkload(const json& value) {
    const auto valid = ValidateWorkload(value, spec_->folder);
    if (valid.has_error()) return Report("workload", valid.error().message);
    spec_->workload = DumpJson(value);
    const json* const trace = FindPath(value, "trace");
    for (const char* key : {"file", "durations", "memory", "metadata"}) {
      const json* const file = trace == nullptr ? nullptr : FindPath(*trace, key);
      if (file != nullptr && file->is_string()) FileOf(*file);
    }
  }

  void ReadSubmitter(const json& value) {
    if (!value.is_object()) return Report("submitter", "must be a map with kind, rtt, concurrency");
    for (const auto& [key, inner] : value.items()) {
      const std::string path = "submitter." + key;
      if (key == "kind") {
        if (inner == "direct") {
          spec_->submitter = SubmitterKind::kDirect;
        } else if (inner == "http") {
          spec_->submitter = SubmitterKind::kHttp;
        } else if (inner == "kubectl") {
          spec_->submitter = SubmitterKind::kKubectl;
        } else {
          Report(path, "must be direct, http or kubectl, not " + DumpJson(inner));
        }
      } else if (key == "concurrency") {
        if (!inner.is_number_integer() || inner.get<std::int64_t>() < 0 ||
            inner.get<std::int64_t>() > 10000) {
          Report(path, "must be a whole number from 0 (no limit) to 10000");
        } else {
          spec_->submitters = inner.get<int>();
        }
      } else if (key == "rtt") {
        gives_rtt_ = true;
        const auto set = spec_->config.latency.Set("submitter.rtt", inner);
        if (set.has_error()) Report(path, set.error().message);
      } else {
        Report(path, UnknownKey(key, {"kind", "rtt", "concurrency"}));
      }
    }
  }

  void ReadStart(const json& value) {
    if (value != "cold" && value != "warm") {
      return Report("start", "must be cold or warm, not " + DumpJson(value));
    }
    spec_->warm = value == "warm";
  }

  void ReadWarmUp(const json& value) {
    if (!value.is_object() || value.size() != 1 || !value.contains("jobs") ||
        !value["jobs"].is_number_integer() || value["jobs"].get<std::int64_t>() < 0 ||
        value["jobs"].get<std::int64_t>() > 100'000) {
      return Report("warm_up", "must be {jobs: N} with N from 0 to 100000");
    }
    spec_->warm_up_jobs = value["jobs"].get<int>();
  }

  void ReadFaults(const json& value) {
    if (!value.is_array()) return Report("faults", "must be a list such as [{kind: crash, at: 7}]");
    Faults probe(0);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto added = probe.Add(value[i]);
      if (added.has_error()) {
        Report("faults." + std::to_string(i), added.error().message);
      } else {
        spec_->faults.push_back(DumpJson(value[i]));
      }
    }
  }

  std::string FileOf(const json& value) {
    std::string path = InputPath(value.get<std::string>(), spec_->folder);
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) spec_->inputs.push_back(path);
    return path;
  }

  // A profile that is a user's file; the shipped ones have names.
  json Latency(const json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    const bool is_file = text.find('/') != std::string::npos || text.ends_with(".yaml");
    return is_file ? json(FileOf(value)) : value;
  }

  void ReadFrom(const json& value) {
    if (!value.is_string()) return Report("from", "must be the path of a snapshot");
    spec_->from = FileOf(value);
    std::error_code error;
    if (!std::filesystem::is_regular_file(spec_->from, error)) {
      Report("from", "there is no snapshot " + spec_->from);
    }
  }

  void ReadTheRecording(const json& value) {
    if (!value.is_string()) return Report("recording", "must be the path of a recording");
    auto read = ReadRecording(FileOf(value));
    if (read.has_error()) return Report("recording", read.error().message);
    spec_->recording = std::make_shared<const Recording>(std::move(read.value()));
  }

  void ReadSetting(const std::string& path, const json& value) {
    if (const auto setting = FindSetting(path)) {
      if (IsOfUserFunction(path)) {
        return Report(path, "is of a user function; a run has none");
      }
      if (!SettingAllowed(path)) {
        return Report(path, "is a setting of the daemon; it does not apply to a run");
      }
      const auto applied =
          ApplySetting(*setting, value.is_string() ? value.get<std::string>() : DumpJson(value),
                       OriginOf(path), &spec_->config);
      if (applied.has_error()) Report(path, applied.error().message);
      return;
    }
    if (!IsSettingGroup(path)) return Report(path, "unknown key" + Nearest(path));
    if (!value.is_object()) return Report(path, "must be a map of settings");
    for (const auto& [key, inner] : value.items()) ReadSetting(path + "." + key, inner);
  }

  static std::string Nearest(const std::string& path) {
    std::vector<std::string> keys;
    for (const RunKey& key : RunKeys()) keys.push_back(key.path);
    return NearestSetting(path, keys, SettingAllowed);
  }

  // Settings without effect are refused, not ignored.
  void CheckPlane() {
    const bool classic = spec_->config.control_plane == ControlPlane::kClassic;
    if (spec_->warm_up_jobs >= 0 && (classic || !spec_->warm)) {
      Report("warm_up", "belongs to a warm start of the serverless control plane");
    }
    if (gives_rtt_ && spec_->submitter == SubmitterKind::kDirect) {
      Report("submitter.rtt", "has no effect with kind: direct, which costs nothing");
    }
    if (!classic) return;
    if (!spec_->faults.empty()) {
      Report("faults", "act on functions and mappings: the classic control plane has none");
    }
  }

  // Checks settings of one function that contradict each other.
  void CheckFunctions() {
    for (const auto& [name, fields] : spec_->config.functions) {
      const auto settings = SettingsOfFunction(spec_->config, name);
      if (settings.has_error()) problems_.push_back(settings.error().message);
    }
  }

  const std::map<std::string, std::string>& origins_;
  RunSpec* const spec_;
  bool gives_rtt_ = false;
  std::vector<std::string> problems_;
};

}  // namespace

Result<RunSpec> MakeRunSpec(const json& tree, const std::string& folder,
                            const std::map<std::string, std::string>& origins) {
  RunSpec spec;
  SpecReader reader(folder, origins, &spec);
  reader.Read(tree);
  if (reader.problems().empty()) return spec;
  std::string lines;
  for (const std::string& problem : reader.problems()) {
    lines += (lines.empty() ? "" : "\n") + problem;
  }
  return MakeError(ErrorCode::kInvalidArgument, lines);
}

const std::vector<RunKey>& RunKeys() {
  static const std::vector<RunKey> keys = {
      {"profile", R"({"type":"object"})",
       "Values of the latency profile that this scenario changes"},
      {"workload", R"({"type":"object"})", "The submissions and their times"},
      {"submitter.kind", R"({"enum":["direct","http","kubectl"]})", "The submitting client"},
      {"submitter.rtt", R"({"type":["number","object"]})", "Round trip of a request, milliseconds"},
      {"submitter.concurrency", R"({"type":"integer","minimum":0,"maximum":10000})",
       "Concurrent clients or processes; 0: as many as there are Jobs"},
      {"start", R"({"type":["string","array"],"items":{"enum":["cold","warm"]}})",
       "cold, warm, or both as a list"},
      {"warm_up", R"({"type":"object"})", "{jobs: N}: Jobs before a warm start, not counted"},
      {"faults", R"({"type":"array"})", "Faults, as in POST /kless/v1/faults"},
      {"limit", R"({"type":["number","string"]})",
       "Emulated time a run may take after its last arrival"},
      {"recording", R"({"type":"string"})", "A recorded session instead of a workload"},
      {"from", R"({"type":"string"})", "Snapshot that the run starts from"},
      {"snapshot_at", R"({"type":["number","string"]})", "When to save a snapshot of the run"},
      {"keep_history", R"({"type":"boolean"})", "Retain all change records in the run's file"},
  };
  return keys;
}

bool SettingAllowed(const std::string& path) {
  static const std::vector<std::string> refused = {
      "server.", "log.", "clock.", "seed", "record", "store.data_directory", "store.durability"};
  return !IsOfUserFunction(path) &&
         std::none_of(refused.begin(), refused.end(), [&](const std::string& each) {
           return each.ends_with('.') ? path.starts_with(each) : path == each;
         });
}

Result<std::vector<std::pair<std::string, std::string>>> Without(const std::string& cause) {
  using Sets = std::vector<std::pair<std::string, std::string>>;
  static const std::vector<std::pair<std::string, Sets>> causes = {
      {"submit",
       {{"submitter.rtt", "0"},
        {"profile.submitter.kubectl_start", "0"},
        {"profile.submitter.kubectl_end", "0"},
        {"profile.submitter.client_cpu", "0"}}},
      {"feed", {{"profile.feed_delivery", "0"}, {"profile.classic.watch_delivery", "0"}}},
      {"throttle",
       {{"functions.account_concurrency", "1000000"}, {"profile.classic.client_qps", "0"}}},
      {"init", {{"functions.default.init", "0"}, {"profile.classic.startup", "[]"}}},
      {"first_request", {{"profile.first_request_cpu", "0"}}},
      {"compute",
       {{"profile.store_request_cpu", "0"},
        {"profile.reconcile_cpu", "0"},
        {"profile.classic.sync_cpu", "0"}}},
      {"store",
       {{"profile.store_read", "0"},
        {"profile.store_write", "0"},
        {"profile.classic.api_latency", "0"},
        {"profile.classic.api_cpu", "0"}}},
  };
  std::string known;
  for (const auto& [name, sets] : causes) {
    if (name == cause) return sets;
    known += (known.empty() ? "" : ", ") + name;
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   "--without " + cause + ": no such cause; there are " + known);
}

}  // namespace kless::experiment
