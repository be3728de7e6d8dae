#include "tests/functions/controllers/recording.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <stdexcept>
#include <utility>

#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::StringAt;

namespace {

const char* const kControllersProbe = KLESS_SOURCE_DIR "/tests/recordings/controllers_probe.txt";

std::vector<std::string> SplitChanges(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find("; ", at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return parts;
}

// The fact for one change of a MOD line; "" if it is not relevant.
std::string FactOfChange(const std::string& change) {
  std::smatch match;
  const auto is = [&](const char* pattern) {
    return std::regex_search(change, match, std::regex(pattern));
  };
  if (is("^metadata\\.deletionTimestamp=")) return "deleting";
  if (is("^metadata\\.finalizers\\[\\d+\\]=(\\S+)$")) return "+finalizer " + match[1].str();
  if (is("^-metadata\\.finalizers\\[\\d+\\]\\(was (\\S+)\\)$")) {
    return "-finalizer " + match[1].str();
  }
  if (is("^-owner (\\S+)$")) return "-owner " + match[1].str();
  if (is("^owner (\\S+) blockOwnerDeletion:True->False$")) return "unblocks " + match[1].str();
  if (is("^([+-]taint \\S+)")) return match[1].str();
  if (is("^(\\+cond .*\\)) lTT=")) return match[1].str();
  if (is("^cond (\\S+) status:\\S+->(\\S+)")) {
    return "cond " + match[1].str() + "=" + match[2].str();
  }
  if (is("^status\\.phase:\\w+->(\\w+)$")) return "phase=" + match[1].str();
  if (is("^metadata\\.(?:annotations|labels)\\[\"(.*)\"\\]=(.*)$")) {
    return match[1].str() + "=" + match[2].str();
  }
  return {};
}

void ReadLine(double at, const std::string& line, Scenario* scenario) {
  std::smatch match;
  const auto is = [&](const char* pattern) {
    return std::regex_search(line, match, std::regex(pattern));
  };
  if (is("^MOD (\\S+) (.*)$")) {
    for (const std::string& change : SplitChanges(match[2].str())) {
      std::string text = FactOfChange(change);
      if (!text.empty()) scenario->facts.push_back({at, match[1].str(), std::move(text)});
    }
  } else if (is("^DELETED (\\S+)")) {
    scenario->facts.push_back({at, match[1].str(), "DELETED"});
  } else if (is("^ADDED (\\S+) (?:FULL )?(\\{.*\\})?")) {
    scenario->facts.push_back({at, match[1].str(), "ADDED"});
    scenario->requests.push_back({at, match[1].str(), "ADDED", match[2].str()});
  } else if (is("^\\[user\\] (DELETE|PATCH) (\\S+) (\\{.*\\})? *-> 200")) {
    scenario->requests.push_back({at, match[2].str(), match[1].str(), match[3].str()});
  } else if (is("^ev (\\w+ \\w+) \\| (.*?) \\| (\\S+) \\| ") && !line.ends_with("(DELETED)")) {
    scenario->facts.push_back(
        {at, "ev", match[1].str() + " " + match[2].str() + " " + match[3].str()});
  }
}

std::set<std::string> Entries(const json& object, std::initializer_list<const char*> path,
                              const std::function<std::string(const json&)>& text) {
  std::set<std::string> entries;
  const json* array = kubernetes::Find(object, path);
  if (array == nullptr || !array->is_array()) return entries;
  for (const json& entry : *array) entries.insert(text(entry));
  return entries;
}

std::string ConditionText(const json& condition) {
  return StringAt(condition, "type") + "=" + StringAt(condition, "status") + "(" +
         StringAt(condition, "reason") + "|" + StringAt(condition, "message") + ")";
}

class Differ {
 public:
  Differ(const LoopWorld::Change& change, double at, std::string object, std::vector<Fact>* facts)
      : before_(change.Before()),
        after_(change.After()),
        at_(at),
        object_(std::move(object)),
        facts_(facts) {}

  void Compare() {
    if (Has(after_, "deletionTimestamp") && !Has(before_, "deletionTimestamp")) Add("deleting");
    const auto plain = [](const json& entry) {
      return entry.is_string() ? entry.get<std::string>() : "";
    };
    Set("finalizer ", {"metadata", "finalizers"}, plain, true);
    Set(
        "owner ", {"metadata", "ownerReferences"},
        [](const json& entry) { return StringAt(entry, "kind") + "/" + StringAt(entry, "name"); },
        false);
    const auto blocks = [](const json& entry) {
      return kubernetes::BoolAt(entry, "blockOwnerDeletion") ? StringAt(entry, "name") : "";
    };
    const auto owner_names = [](const json& entry) { return StringAt(entry, "name"); };
    const auto names = Entries(after_, {"metadata", "ownerReferences"}, owner_names);
    const auto now = Entries(after_, {"metadata", "ownerReferences"}, blocks);
    for (const std::string& name : Entries(before_, {"metadata", "ownerReferences"}, blocks)) {
      if (!now.contains(name) && names.contains(name)) Add("unblocks " + name);
    }
    Set(
        "taint ", {"spec", "taints"},
        [](const json& entry) { return StringAt(entry, "key") + ":" + StringAt(entry, "effect"); },
        true);
    CompareConditions();
    const std::string phase = StringAt(after_, {"status", "phase"});
    if (phase != StringAt(before_, {"status", "phase"})) Add("phase=" + phase);
    for (const auto& [part, key] : {std::pair("annotations", "node.alpha.kubernetes.io/ttl"),
                                    std::pair("labels", "beta.kubernetes.io/os")}) {
      const std::string value = StringAt(after_, {"metadata", part, key});
      if (value != StringAt(before_, {"metadata", part, key})) Add(std::string(key) + "=" + value);
    }
  }

 private:
  static bool Has(const json& object, const char* key) {
    return kubernetes::Find(object, {"metadata", key}) != nullptr;
  }
  void Add(std::string text) { facts_->push_back({at_, object_, std::move(text)}); }

  // "-x" for each removed value and, if wanted, "+x" for each added one.
  void Set(const std::string& word, std::initializer_list<const char*> path,
           const std::function<std::string(const json&)>& text, bool additions) {
    const auto before = Entries(before_, path, text);
    const auto after = Entries(after_, path, text);
    for (const std::string& entry : before) {
      if (!after.contains(entry)) Add("-" + word + entry);
    }
    for (const std::string& entry : after) {
      if (additions && !before.contains(entry)) Add("+" + word + entry);
    }
  }

  void CompareConditions() {
    const json* conditions = kubernetes::Find(after_, {"status", "conditions"});
    if (conditions == nullptr) return;
    for (const json& condition : *conditions) {
      const std::string type = StringAt(condition, "type");
      const json* old = FindCondition(before_, type);
      if (old == nullptr) {
        Add("+cond " + ConditionText(condition));
      } else if (StringAt(*old, "status") != StringAt(condition, "status")) {
        Add("cond " + type + "=" + StringAt(condition, "status"));
      }
    }
  }

  const json before_, after_;
  const double at_;
  const std::string object_;
  std::vector<Fact>* facts_;
};

// "configmap" is "cm" in the recording.
std::string ObjectName(const ResourceId& id) {
  static const std::map<std::string, std::string> kTypes = {
      {"configmap", "cm"}, {"namespace", "ns"},      {"serviceaccount", "sa"},
      {"job", "jobs"},     {"deployment", "deploy"}, {"replicaset", "rs"}};
  const auto type = kTypes.find(id.type);
  return (type == kTypes.end() ? id.type : type->second) + "/" + NamePart(id.name);
}

}  // namespace

Scenario ReadScenario(const std::string& name) {
  std::ifstream file(kControllersProbe);
  Scenario scenario;
  bool inside = false;
  const std::regex timed("^  \\+ *([0-9.]+)s (.*)$");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) inside = line == "=== " + name;
    std::smatch match;
    if (!inside || !std::regex_match(line, match, timed)) continue;
    scenario.lines.emplace_back(std::stod(match[1].str()), match[2].str());
    ReadLine(std::stod(match[1].str()), match[2].str(), &scenario);
  }
  if (scenario.facts.empty()) {
    throw std::runtime_error(std::string(kControllersProbe) + ": no facts of the scenario " + name);
  }
  return scenario;
}

std::vector<Fact> FactsOf(const LoopWorld& world) {
  std::vector<Fact> facts;
  for (const LoopWorld::Change& change : world.changes) {
    const double at = world.SecondsOf(change.at);
    const std::string object = ObjectName(change.id);
    if (change.gone()) {
      // Watchers of pods see the deletion before the end.
      if (change.id.type == "pod" && !IsDeleting(change.before)) {
        facts.push_back({at, object, "deleting"});
      }
      facts.push_back({at, object, "DELETED"});
    } else if (change.created()) {
      facts.push_back({at, object, "ADDED"});
    } else {
      Differ(change, at, object, &facts).Compare();
    }
  }
  for (const LoopWorld::Event& event : world.events) {
    facts.push_back({world.SecondsOf(event.at), "ev", event.text() + " " + event.object});
  }
  return facts;
}

std::vector<std::string> Differences(const std::vector<Fact>& recorded,
                                     const std::vector<Fact>& played,
                                     const std::function<bool(const Fact&)>& wanted,
                                     const Tolerance& tolerance) {
  std::vector<std::string> differences;
  std::set<std::size_t> used;
  std::map<std::string, double> last;  // by object: when its latest matched fact was played
  const auto line = [](const char* what, const Fact& fact) {
    char at[32];
    std::snprintf(at, sizeof at, " %.2f ", fact.at);
    return what + std::string(at) + fact.object + " " + fact.text;
  };
  for (const Fact& fact : recorded) {
    if (!wanted(fact)) continue;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < played.size(); ++i) {
      if (used.contains(i) || played[i].object != fact.object || played[i].text != fact.text) {
        continue;
      }
      const double distance = std::abs(played[i].at - fact.at);
      if (distance > tolerance.seconds + tolerance.drift * fact.at + 1e-9) continue;
      if (!best || distance < std::abs(played[*best].at - fact.at)) best = i;
    }
    if (!best) {
      differences.push_back(line("missing", fact));
      continue;
    }
    used.insert(*best);
    // Events of different objects have no order.
    double& latest = last[fact.object];
    if (fact.object != "ev" && played[*best].at < latest - 1e-9) {
      differences.push_back(line("out of order", fact));
    }
    latest = std::max(latest, played[*best].at);
  }
  for (std::size_t i = 0; i < played.size(); ++i) {
    if (!used.contains(i) && wanted(played[i])) {
      differences.push_back(line("unexpected", played[i]));
    }
  }
  return differences;
}

}  // namespace kless::controllers
