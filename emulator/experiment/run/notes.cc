#include "emulator/experiment/run/notes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "emulator/config_notes.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless::experiment {
namespace {

constexpr const char* kCapPath = "functions.account_concurrency";

std::string JoinNotes(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text;
}

// Returns "in every case", or the names of the cases, at most three of them.
std::string InCases(const std::vector<std::string>& names, std::size_t all) {
  if (names.size() == all) return "";
  std::vector<std::string> shown(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names.size(), 3)));
  if (names.size() > shown.size()) {
    shown.push_back(std::to_string(names.size() - shown.size()) + " more");
  }
  return " (in " + JoinNotes(shown) + ")";
}

bool SameTimes(const RunResult& one, const RunResult& other) {
  const auto pod = [](const PodTiming& a, const PodTiming& b) {
    return a.job == b.job && a.created == b.created;
  };
  const auto job = [](const JobTiming& a, const JobTiming& b) {
    return a.pods == b.pods && a.begun == b.begun && a.answered == b.answered;
  };
  return std::equal(one.pods.begin(), one.pods.end(), other.pods.begin(), other.pods.end(), pod) &&
         std::equal(one.jobs.begin(), one.jobs.end(), other.jobs.begin(), other.jobs.end(), job);
}

// Also compares the duration of each invocation, and all counts; the memory is compared elsewhere.
bool SameFacts(const RunResult& one, const RunResult& other) {
  const auto facts = [](const InvocationTiming& row) {
    return std::tie(row.function, row.start, row.outcome, row.requested, row.queued, row.init,
                    row.run, row.store, row.billed, row.throttles);
  };
  const auto invocation = [&](const InvocationTiming& a, const InvocationTiming& b) {
    return facts(a) == facts(b);
  };
  return one.end == other.end && one.counts == other.counts && SameTimes(one, other) &&
         std::equal(one.invocations.begin(), one.invocations.end(), other.invocations.begin(),
                    other.invocations.end(), invocation);
}

// Whether the invocations had the same memory, and the functions the same provisioned concurrency:
// without an effect on times, these still have one on costs.
bool SamePrices(const RunResult& one, const RunResult& other) {
  const auto memory = [](const InvocationTiming& a, const InvocationTiming& b) {
    return a.memory_mb == b.memory_mb;
  };
  return one.provisioned == other.provisioned &&
         std::equal(one.invocations.begin(), one.invocations.end(), other.invocations.begin(),
                    other.invocations.end(), memory);
}

bool HasPods(const CaseResult& each) {
  return std::all_of(each.runs.begin(), each.runs.end(),
                     [](const RunResult& run) { return !run.pods.empty(); });
}

bool HasColdStart(const CaseResult& each) {
  return std::any_of(each.runs.begin(), each.runs.end(), [](const RunResult& run) {
    return std::any_of(run.invocations.begin(), run.invocations.end(),
                       [](const InvocationTiming& row) { return row.start != "warm"; });
  });
}

// Whether the first invocation of a run was cold.
bool BeginsCold(const RunResult& run) {
  const auto first = std::min_element(run.invocations.begin(), run.invocations.end(),
                                      [](const InvocationTiming& a, const InvocationTiming& b) {
                                        return a.requested + a.queued < b.requested + b.queued;
                                      });
  return first != run.invocations.end() && first->start == "cold";
}

template <typename Same>
bool SameRuns(const CaseResult& one, const CaseResult& other, const Same& same) {
  return one.runs.size() == other.runs.size() &&
         std::equal(one.runs.begin(), one.runs.end(), other.runs.begin(), same);
}

// Returns the most invocations that ran or were initialised at once, over all runs.
int PeakConcurrency(const CaseResult& each) {
  int peak = 0;
  for (const RunResult& run : each.runs) peak = std::max(peak, run.concurrency_peak);
  return peak;
}

bool WasThrottled(const CaseResult& each) {
  return std::any_of(each.runs.begin(), each.runs.end(),
                     [](const RunResult& run) { return !run.throttles.empty(); });
}

class NoteTaker {
 public:
  NoteTaker(const Scenario& scenario, const ExperimentResult& result)
      : scenario_(scenario), cases_(result.cases) {}

  std::vector<std::string> Take() {
    NoteConfigs();
    NoteStarts();
    NoteColdWarmStarts();
    NoteSweeps();
    NoteCaps();
    return std::move(notes_);
  }

 private:
  // Adds a sentence about a configuration, with the cases to which it applies.
  void NoteConfigs() {
    std::vector<std::string> order;
    std::map<std::string, std::vector<std::string>> cases;
    const auto add = [&](const std::string& sentence, const std::string& name) {
      if (!cases.contains(sentence)) order.push_back(sentence);
      cases[sentence].push_back(name);
    };
    bool any_serverless = false;
    for (const CaseSpec& each : scenario_.cases) {
      any_serverless |= each.run.config.control_plane == ControlPlane::kServerless;
    }
    for (const CaseSpec& each : scenario_.cases) {
      const Config& config = each.run.config;
      const std::string init = NoteOnInit(config);
      // A warm start does not wait for an init.
      if (!init.empty() && !each.run.warm) add(init, each.name);
      for (const GivenValue& other : each.run.others) {
        const std::string unused = UnusedInit(each.run, other.path);
        if (!unused.empty()) add(unused, each.name);
      }
      // The same values for both control planes are not a mistake.
      if (config.control_plane == ControlPlane::kClassic && any_serverless) continue;
      for (const std::string& note : NotesOnConfig(config)) {
        if (note != init) add(note, each.name);
      }
    }
    for (const std::string& sentence : order) {
      notes_.push_back(sentence + InCases(cases[sentence], scenario_.cases.size()));
    }
  }

  // Returns a note if the path is the init of a runtime that no function of the run has.
  static std::string UnusedInit(const RunSpec& run, const std::string& path) {
    constexpr std::string_view kInitPrefix = "profile.init.";
    if (!path.starts_with(kInitPrefix)) return "";
    const std::string runtime = path.substr(kInitPrefix.size());
    if (run.config.control_plane == ControlPlane::kClassic) return "";
    // The functions of a trace have the default one.
    std::vector<FunctionConfig> functions = {run.config.function_default.config};
    for (const std::string& loop : run.config.loops) {
      const auto settings = SettingsOfFunction(run.config, control_planes::FunctionOfLoop(loop));
      if (settings.has_value()) functions.push_back(settings.value().config);
    }
    const bool used = std::any_of(functions.begin(), functions.end(), [&](const auto& function) {
      return !function.init && function.runtime == runtime;
    });
    return used ? ""
                : path + " has no effect: no function takes its init from the runtime '" + runtime +
                      "'; set functions.default.runtime to it";
  }

  // Returns all that distinguishes one case from another, except `left_out`.
  static std::string KeyWithout(const CaseResult& each, const std::string& left_out) {
    std::string key = each.entry + "\n" + each.control_plane + "\n";
    if (left_out != "start") key += each.start + "\n";
    for (const auto& [path, value] : each.parameters) {
      if (path != left_out) key += path + "=" + value + "\n";
    }
    return key;
  }

  // Returns the cases that differ only in `path`.
  std::vector<std::vector<const CaseResult*>> GroupsOver(const std::string& path) const {
    std::map<std::string, std::vector<const CaseResult*>> groups;
    for (const CaseResult& each : cases_) groups[KeyWithout(each, path)].push_back(&each);
    std::vector<std::vector<const CaseResult*>> made;
    for (auto& [key, group] : groups) {
      if (group.size() > 1) made.push_back(std::move(group));
    }
    return made;
  }

  void NoteStarts() {
    const auto pairs = GroupsOver("start");
    std::vector<std::string> same;
    for (const auto& pair : pairs) {
      // A run without pods has no times to compare.
      if (pair.size() == 2 && HasPods(*pair[0]) && SameRuns(*pair[0], *pair[1], SameTimes)) {
        same.push_back(pair[0]->start == "cold" ? pair[0]->name : pair[1]->name);
      }
    }
    if (same.empty()) return;
    notes_.push_back(
        "cold and warm starts give the same times: nothing that a cold start waits for costs "
        "time; set functions.default.runtime or functions.default.init, or a latency profile "
        "with a first_request_cpu (classic: profile.classic.startup)" +
        InCases(same, pairs.size()));
  }

  // Names the warm cases whose environments were gone when the measurement began.
  void NoteColdWarmStarts() {
    std::vector<std::string> names;
    std::size_t warm = 0;
    for (const CaseResult& each : cases_) {
      if (each.start != "warm" || each.control_plane != "serverless") continue;
      ++warm;
      if (std::any_of(each.runs.begin(), each.runs.end(), BeginsCold)) names.push_back(each.name);
    }
    if (names.empty()) return;
    notes_.push_back(
        "start: warm begins with a cold start: no environment of the warm-up is left; raise "
        "keep_alive_ms, or the jobs of warm_up" +
        InCases(names, warm));
  }

  void NoteSweeps() {
    std::set<std::string> paths;
    for (const CaseResult& each : cases_) {
      for (const auto& [path, value] : each.parameters) paths.insert(path);
    }
    for (const std::string& path : paths) {
      const auto groups = GroupsOver(path);
      if (groups.empty()) continue;
      const bool nothing = All(groups, [](const CaseResult& one, const CaseResult& other) {
        return SameRuns(one, other, SameFacts);
      });
      if (nothing) idle_sweeps_.insert(path);
      if (NoteUnusedInit(path, groups, nothing) || !nothing) continue;
      std::vector<std::string> values;
      for (const CaseResult* each : groups.front()) values.push_back(ValueOf(*each, path));
      if (!All(groups, [](const CaseResult& one, const CaseResult& other) {
            return SameRuns(one, other, SamePrices);
          })) {
        notes_.push_back("the sweep over " + path + " changed only the cost: " + JoinNotes(values) +
                         " take the same times");
        continue;
      }
      const bool classic = std::all_of(groups.begin(), groups.end(), [](const auto& group) {
        return group.front()->control_plane == "classic";
      });
      std::string why = "; leave it out, or change what keeps it from mattering";
      if (classic && path.starts_with("functions.")) {
        why = ", for the classic control plane has no functions; set control_plane: serverless";
      } else if (path == kCapPath) {
        why = Unreached(groups);
      }
      notes_.push_back("the sweep over " + path + " changed nothing: " + JoinNotes(values) +
                       " give the same results" + why);
    }
  }

  // Without a cold start, an init changes a run only through the warm-up: other times there make
  // other draws.  Returns whether that is so.
  bool NoteUnusedInit(const std::string& path,
                      const std::vector<std::vector<const CaseResult*>>& groups, bool nothing) {
    const bool of_init =
        path.ends_with(".init") || path.ends_with(".runtime") || path.starts_with("profile.init.");
    if (!of_init) return false;
    for (const auto& group : groups) {
      for (const CaseResult* each : group) {
        if (each->start != "warm" || each->control_plane == "classic" || HasColdStart(*each)) {
          return false;
        }
      }
    }
    notes_.push_back("the sweep over " + path +
                     " has no effect: no run has a cold start; use start: cold" +
                     (nothing ? ""
                              : "; the cases differ only by other random draws, since their "
                                "warm-ups took other times"));
    return true;
  }

  // Whether the first case of each group is the `same` as each of the others.
  template <typename Same>
  static bool All(const std::vector<std::vector<const CaseResult*>>& groups, const Same& same) {
    return std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
      return std::all_of(group.begin() + 1, group.end(),
                         [&](const CaseResult* each) { return same(*group.front(), *each); });
    });
  }

  static std::string Unreached(const std::vector<std::vector<const CaseResult*>>& groups) {
    int peak = 0;
    for (const auto& group : groups) {
      for (const CaseResult* each : group) peak = std::max(peak, PeakConcurrency(*each));
    }
    return ", for at most " + std::to_string(peak) +
           " invocations ran at once; sweep lower values, or raise "
           "functions.default.mapping.parallelization_factor, the shards or the load";
  }

  static std::string ValueOf(const CaseResult& each, const std::string& path) {
    for (const auto& [swept, value] : each.parameters) {
      if (swept == path) return value;
    }
    return "";
  }

  // Notes only caps that the scenario itself gives: not those of a profile, nor the default, nor
  // the one that --without throttle gives so that it is never reached.
  void NoteCaps() {
    if (idle_sweeps_.contains(kCapPath)) return;
    struct Cap {
      bool reached = false;
      int peak = 0;
    };
    std::map<int, Cap> caps;
    for (std::size_t i = 0; i < cases_.size() && i < scenario_.cases.size(); ++i) {
      const Config& config = scenario_.cases[i].run.config;
      if (config.control_plane == ControlPlane::kClassic) continue;
      const auto origin = config.origins.find(kCapPath);
      if (origin == config.origins.end() || origin->second.starts_with("--without")) continue;
      Cap& cap = caps[config.account_concurrency];
      cap.peak = std::max(cap.peak, PeakConcurrency(cases_[i]));
      cap.reached |= WasThrottled(cases_[i]) || cap.peak >= config.account_concurrency;
    }
    std::vector<std::string> unreached;
    int peak = 0;
    for (const auto& [limit, cap] : caps) {
      if (cap.reached) continue;
      unreached.push_back(std::to_string(limit));
      peak = std::max(peak, cap.peak);
    }
    if (unreached.empty()) return;
    notes_.push_back(std::string(kCapPath) + " of " + JoinNotes(unreached) +
                     (unreached.size() == 1 ? " is" : " are") + " never reached: at most " +
                     std::to_string(peak) +
                     " invocations ran at once; a lower cap, or more lanes (shards x "
                     "parallelization_factor), would show it");
  }

  const Scenario& scenario_;
  const std::vector<CaseResult>& cases_;
  std::set<std::string> idle_sweeps_;
  std::vector<std::string> notes_;
};

}  // namespace

std::vector<std::string> NotesOnExperiment(const Scenario& scenario,
                                           const ExperimentResult& result) {
  return NoteTaker(scenario, result).Take();
}

}  // namespace kless::experiment
