// Plays the recorded scenarios of ReplicaSets and Deployments: the recorded actions of users, the
// scheduler and kubelets are performed at their times on the corresponding pods, and the
// controllers' reactions are compared: pods created and deleted, sizes, conditions.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "tests/functions/controllers/recording.h"
#include "tests/functions/controllers/workload_world.h"

namespace kless::controllers {
namespace {

using testing::IsEmpty;

constexpr const char* kCombined = "(combined from similar events): ";

std::string SetOfPod(const std::string& pod) { return pod.substr(0, pod.rfind('-')); }

class Player {
 public:
  Player(const Scenario& scenario, WorkloadWorld& world) : scenario_(scenario), world_(world) {}

  void Play(double end) {
    for (const auto& [at, line] : scenario_.lines) {
      if (at > end) break;
      if (line.starts_with("ADDED rs/")) Remember(line);
      world_.RunUntil(at);
      Act(line);
    }
    world_.RunUntil(end);
  }

  // Replaces the names of ReplicaSets by their order of creation, and drops those of pods, on both
  // sides.
  std::vector<Fact> Recorded() const { return Plain(scenario_.facts, recorded_sets_); }
  std::vector<Fact> Played() const { return Plain(FactsOf(world_), PlayedSets()); }

 private:
  using Names = std::vector<std::string>;

  void Remember(const std::string& line) {
    const std::string name = line.substr(9, line.find(' ', 9) - 9);
    if (std::find(recorded_sets_.begin(), recorded_sets_.end(), name) == recorded_sets_.end()) {
      recorded_sets_.push_back(name);
    }
  }

  Names PlayedSets() const {
    Names names;
    for (const auto& change : world_.changes) {
      const std::string name = NamePart(change.id.name);
      if (change.id.type != "replicaset") continue;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  std::string Played(const std::string& recorded_set) const {
    const auto found = std::find(recorded_sets_.begin(), recorded_sets_.end(), recorded_set);
    const Names played = PlayedSets();
    const auto index = static_cast<std::size_t>(found - recorded_sets_.begin());
    return index < played.size() ? played[index] : recorded_set;
  }

  // The first pod of the ReplicaSet for which `wanted` holds.
  template <class Wanted>
  std::string FirstPod(const std::string& recorded_pod, Wanted wanted, bool must = true) const {
    for (const std::string& name : world_.Pods(Played(SetOfPod(recorded_pod)))) {
      if (wanted(world_.Get("pod", "ns/" + name))) return name;
    }
    if (!must) return {};
    ADD_FAILURE() << "nothing stands for " << recorded_pod << " at " << world_.Seconds();
    return {};
  }

  static bool IsActive(const json& pod) {
    const std::string phase = pod["status"].value("phase", "");
    return !pod["metadata"].contains("deletionTimestamp") && phase != "Succeeded" &&
           phase != "Failed";
  }
  static bool IsReady(const json& pod) {
    const json* condition = FindCondition(pod, "Ready");
    return condition != nullptr && (*condition)["status"] == "True";
  }

  void Act(const std::string& line) {
    std::smatch match;
    const auto is = [&](const char* pattern) {
      return std::regex_search(line, match, std::regex(pattern));
    };
    if (is("^MOD pod/(\\S+) spec.nodeName=(\\w+)")) {
      const std::string pod = FirstPod(
          match[1].str(),
          [](const json& one) { return IsActive(one) && !one["spec"].contains("nodeName"); },
          false);
      if (!pod.empty()) world_.Bind(pod, match[2].str());
    } else if (is("^\\[kubelet\\] (\\S+) Ready=(\\w+)")) {
      const bool ready = match[2].str() == "True";
      const std::string pod = FirstPod(match[1].str(), [ready](const json& one) {
        return IsActive(one) && IsReady(one) != ready;
      });
      if (!pod.empty()) ready ? world_.Ready(pod) : world_.Unready(pod);
    } else if (is("^\\[kubelet\\] (\\S+) -> (\\w+)")) {
      const std::string pod = FirstPod(match[1].str(), IsActive);
      if (!pod.empty()) world_.End(pod, match[2].str());
    } else if (is("^DELETED pod/(\\S+) ") && bound_.contains(match[1].str())) {
      const std::string pod = FirstPod(match[1].str(), [](const json& one) {
        return one["metadata"].contains("deletionTimestamp");
      });
      if (!pod.empty()) world_.Kill(pod);
    } else if (is("^MOD pod/(\\S+) .*deletionGracePeriodSeconds=30")) {
      bound_.insert(match[1].str());
    } else if (is("^\\[user\\] DELETE pods/(\\S+)")) {
      world_.Delete("pod", "ns/" + FirstPod(match[1].str(), IsActive));
      world_.Settle();
    } else if (is("^\\[user\\] DELETE replicasets/(\\S+)")) {
      world_.Delete("replicaset", "ns/" + Played(match[1].str()));
      world_.Settle();
    } else if (is("^\\[user\\] PATCH (deployment|replicaset)s/(\\S+) (\\{.*\\}) -> 200")) {
      Patch(match[1].str(), match[2].str(), json::parse(match[3].str()));
    }
  }

  void Patch(const std::string& type, const std::string& name, const json& patch) {
    const std::string whole = "ns/" + (type == "replicaset" ? Played(name) : name);
    json object = world_.Get(type, whole);
    const auto generation = object["metadata"]["generation"].get<int>() + 1;
    object.merge_patch(patch);
    object["metadata"]["generation"] = generation;
    kubernetes::FindKindByType(type)->apply_defaults(object);
    world_.PutRaw(type, whole, object.dump());
    world_.Settle();
  }

  static std::vector<Fact> Plain(std::vector<Fact> facts, const Names& sets) {
    for (Fact& fact : facts) {
      for (std::size_t i = 0; i < sets.size(); ++i) {
        for (std::string* text : {&fact.object, &fact.text}) {
          const std::size_t at = text->find(sets[i]);
          if (at == std::string::npos || sets[i].size() < 3) continue;
          text->replace(at, sets[i].size(), "set-" + std::to_string(i));
        }
      }
      if (fact.object.starts_with("pod/")) fact.object = "pod";
      // The event recorder's message for too many similar events.
      const std::size_t combined = fact.text.find(kCombined);
      if (combined != std::string::npos) fact.text.erase(combined, std::strlen(kCombined));
    }
    return facts;
  }

  const Scenario& scenario_;
  WorkloadWorld& world_;
  Names recorded_sets_;
  std::set<std::string> bound_;  // recorded pods that wait for their kubelet to stop them
};

bool IsOfPods(const Fact& fact) {
  return fact.object == "pod" && (fact.text == "ADDED" || fact.text == "deleting");
}

// Sizes in events, created and deleted ReplicaSets, conditions.
bool IsOfRollout(const Fact& fact) {
  if (fact.object == "ev") return fact.text.starts_with("Normal ScalingReplicaSet");
  if (fact.object.starts_with("rs/")) return fact.text == "ADDED" || fact.text == "DELETED";
  return fact.object == "deploy/d" && fact.text.find("cond ") != std::string::npos;
}

// `world` must hold the object as it was created.
void ExpectAlike(const Scenario& scenario, WorkloadWorld& world, double end, double seconds,
                 bool (*wanted)(const Fact&)) {
  Player player(scenario, world);
  player.Play(end);
  const auto within = [&](const Fact& fact) { return fact.at <= end && wanted(fact); };
  EXPECT_THAT(Differences(player.Recorded(), player.Played(), within, {.seconds = seconds}),
              IsEmpty());
}

TEST(ReplicaSetRecordingTest, RS1_RS4_RS5_RS9_RS10_Basic) {
  const Scenario scenario = ReadScenario("RS-basic");
  WorkloadWorld world;
  world.AddSet("r", 3);
  ExpectAlike(scenario, world, 17, 0.2, IsOfPods);
}

TEST(DeploymentRecordingTest, DP12_DP13_Rolling) {
  const Scenario scenario = ReadScenario("DP-rolling-10");
  WorkloadWorld world;
  world.AddDeployment("d", 10);
  // The recording shows the readiness of the first ten only by the counters.
  world.RunUntil(0.2);
  world.ReadyAll(world.Sets()[0]);
  ExpectAlike(scenario, world, 1000, 0.3, IsOfRollout);
}

TEST(DeploymentRecordingTest, DP14_Recreate) {
  const Scenario scenario = ReadScenario("DP-recreate");
  WorkloadWorld world;
  world.AddDeployment("d", 2, {{"strategy", {{"type", "Recreate"}}}});
  ExpectAlike(scenario, world, 8, 0.2, IsOfRollout);
}

TEST(DeploymentRecordingTest, DP26_DP27_DP29_ProgressDeadline) {
  const Scenario scenario = ReadScenario("DP-progressdeadline");
  WorkloadWorld world;
  world.AddDeployment("d", 2, {{"progressDeadlineSeconds", 4}});
  ExpectAlike(scenario, world, 16, 1.1, IsOfRollout);
}

TEST(DeploymentRecordingTest, DP43_MinReady) {
  const Scenario scenario = ReadScenario("DP-minready");
  WorkloadWorld world;
  world.AddDeployment("d", 2, {{"minReadySeconds", 3}});
  ExpectAlike(scenario, world, 1000, 1.1, IsOfRollout);
}

}  // namespace
}  // namespace kless::controllers
