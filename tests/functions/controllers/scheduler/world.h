// World: the objects of a cluster in a map, a clock that only the test moves, and a driver that
// carries out SchedulerCore's decisions as the API server would.  There is no kubelet; the test
// sets the taints of node conditions.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/scheduler_core.h"

namespace kless::controllers::scheduler {

using nlohmann::json;

constexpr std::int64_t kStart = 1767225600'000000000;  // 2026-01-01T00:00:00Z

class World {
 public:
  explicit World(bool record_scores = true);

  std::int64_t now = kStart;
  SchedulerCore core;
  std::vector<std::string> attempts;          // names of the pods tried, in order
  std::vector<std::string> events;            // "Warning FailedScheduling a: text"
  std::map<std::string, Decision> decisions;  // the last one of each pod
  // Among equal totals, the node that the recording chose: pod -> node.
  std::map<std::string, std::string> wanted;
  bool bindings_fail = false;

  // ---- any object; names without namespace are in "t" where the type has one
  void Put(const std::string& type, const std::string& name, const json& object);
  void Remove(const std::string& type, const std::string& name);
  bool Has(const std::string& type, const std::string& name) const;
  json Get(const std::string& type, const std::string& name) const;
  void Patch(const std::string& type, const std::string& name, const json& merge_patch);

  // ---- nodes: cpu "4", mem "8Gi", pods "110", zone, labels, taints, images, extra (allocatable)
  // Admission adds the taint not-ready; the scheduler runs; the taint is removed; the scheduler
  // runs.
  void AddNode(const std::string& name, const json& attributes);
  void AddNode(const std::string& name);
  void SetTaints(const std::string& node, const json& taints);

  // ---- pods: cpu, mem, res, image, initContainers, podres, labels, nodeSelector, affinity
  // ("required" and "preferred" for the long names), tolerations, topologySpreadConstraints, ports,
  // schedulingGates, schedulerName, nodeName, tgps, priorityClassName, volumes, owner
  // Created, and the scheduler runs.
  void AddPod(const std::string& name, const json& attributes);
  void AddPod(const std::string& name);
  void CreatePod(const std::string& name, const json& attributes);
  // Deletes it with its grace period, or at once.
  void DeletePod(const std::string& name);
  void ForceDelete(const std::string& name);
  void Finish(const std::string& name, const std::string& phase);

  // Runs until the scheduler has nothing to try at this time.
  void Run();
  // Lets time pass, waking the scheduler when it asks for it.
  void Advance(std::int64_t nanos);

  std::string NodeOf(const std::string& pod) const;   // "" if not bound
  std::string Message(const std::string& pod) const;  // of PodScheduled=False
  std::string Nominated(const std::string& pod) const;
  json Condition(const std::string& pod, const std::string& type) const;  // null if absent
  std::vector<std::string> Terminating() const;                           // pods

 private:
  static ResourceId Id(const std::string& type, const std::string& name);
  void Write(const ResourceId& id, std::optional<std::string> document);
  void CarryOut(const Decision& decision);
  void Bind(const Decision& decision);
  void Evict(const Decision& decision);

  std::map<ResourceId, ItemPtr> items_;
  std::uint64_t version_ = 0;
  int uids_ = 0;
};

// P(x) with the suffixes of preemption spelled out: "{NCP}", "{NPV}", "{PNH}" of the recording.
std::string Expand(std::string text);

}  // namespace kless::controllers::scheduler
