#include "emulator/config_notes.h"

#include <algorithm>

#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless {
namespace {

std::string JoinWords(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Whether the profile has any costs for the serverless control plane.
bool CostsOfFunctions(const LatencyProfile& profile) {
  return !profile.init.empty() || !profile.store_read.IsZero() || !profile.store_write.IsZero() ||
         !profile.store_request_cpu.IsZero() || !profile.first_request_cpu.IsZero() ||
         !profile.feed_delivery.IsZero() || !profile.reconcile_cpu.IsZero();
}

bool CostsOfClassic(const LatencyProfile& profile) {
  const ClassicProfile& classic = profile.classic;
  return !classic.startup.empty() || !classic.api_latency.IsZero() || !classic.api_cpu.IsZero() ||
         !classic.watch_delivery.IsZero() || !classic.sync_cpu.IsZero();
}

bool IsInstant(const LatencyProfile& profile) {
  return !CostsOfFunctions(profile) && !CostsOfClassic(profile);
}

std::string NoteOnPlane(const Config& config) {
  const LatencyProfile& profile = config.latency;
  if (IsInstant(profile)) return "";
  if (config.control_plane == ControlPlane::kClassic && !CostsOfClassic(profile)) {
    return "the latency profile '" + profile.name +
           "' has no times for the classic control plane, whose steps cost no time here; "
           "kubernetes-1.36 and thesis-2024 do";
  }
  if (config.control_plane == ControlPlane::kServerless && !CostsOfFunctions(profile)) {
    return "the latency profile '" + profile.name +
           "' has no times for functions, whose steps cost no time here; set control_plane: "
           "classic, or use thesis-2024 or aws-2026";
  }
  return "";
}

// Adds a note for settings of functions that do not run here.
void AddIdleFunctions(const Config& config, std::vector<std::string>* notes) {
  const bool classic = config.control_plane == ControlPlane::kClassic;
  for (const auto& [name, fields] : config.functions) {
    if (!control_planes::LoopFunctionNames().contains(name)) continue;
    const std::string loop = control_planes::LoopSettingOf(name);
    if (classic) {
      notes->push_back("functions." + name + " has no effect: the classic control plane runs '" +
                       loop +
                       "' as a controller, not as a function; set control_plane: serverless");
    } else if (std::find(config.loops.begin(), config.loops.end(), loop) == config.loops.end()) {
      notes->push_back("functions." + name + " has no effect: its loop does not run; add " + loop +
                       " to loops");
    }
  }
}

}  // namespace

std::string NoteOnInit(const Config& config) {
  if (config.control_plane == ControlPlane::kClassic) return "";
  std::vector<std::string> without;
  for (const std::string& loop : config.loops) {
    const std::string name = control_planes::FunctionOfLoop(loop);
    const auto settings = SettingsOfFunction(config, name);
    if (settings.has_error()) continue;
    const FunctionConfig& function = settings.value().config;
    if (!function.init && function.runtime.empty()) without.push_back(name);
  }
  if (without.empty()) return "";
  std::vector<std::string> runtimes;
  for (const auto& [runtime, init] : config.latency.init) runtimes.push_back(runtime);
  const bool all = without.size() == config.loops.size();
  const std::string place = all ? "functions.default" : "functions." + without.front();
  return "cold starts " + (all ? std::string() : "of " + JoinWords(without) + " ") +
         "have no init: no runtime is set; the latency profile '" + config.latency.name + "' has " +
         (runtimes.empty()
              ? "no runtimes, so set " + place + ".init, for instance to 450 (milliseconds)"
              : "the runtimes " + JoinWords(runtimes) + ": set " + place +
                    ".runtime to one of them");
}

std::vector<std::string> NotesOnConfig(const Config& config) {
  std::vector<std::string> notes;
  const std::string plane = NoteOnPlane(config);
  if (!plane.empty()) {
    notes.push_back(plane);
  } else if (!IsInstant(config.latency)) {
    // A run without delays does not need an init.
    const std::string init = NoteOnInit(config);
    if (!init.empty()) notes.push_back(init);
  }
  AddIdleFunctions(config, &notes);
  return notes;
}

}  // namespace kless
