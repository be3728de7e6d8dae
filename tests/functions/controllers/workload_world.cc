#include "tests/functions/controllers/workload_world.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/strings.h"
#include "functions/controllers/deployment/deployment_loop.h"
#include "functions/controllers/gc/gc_loop.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/replicaset/replica_set_loop.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::StringAt;

namespace {

json SpecOf(const std::string& name, int replicas, const json& more) {
  json spec = json::parse(R"({"selector":{"matchLabels":{}},"template":{"metadata":{"labels":{}},
      "spec":{"containers":[{"name":"c","image":"v1"}]}}})");
  spec["replicas"] = replicas;
  spec["selector"]["matchLabels"]["app"] = name;
  spec["template"]["metadata"]["labels"]["app"] = name;
  spec.merge_patch(more);
  return spec;
}

json Object(const std::string& type, const std::string& name, int replicas, const json& spec) {
  json object = {{"metadata", {{"generation", 1}}}, {"spec", SpecOf(name, replicas, spec)}};
  kubernetes::FindKindByType(type)->apply_defaults(object);
  object["status"] = type == "replicaset" ? json{{"replicas", 0}} : json::object();
  return object;
}

}  // namespace

std::vector<ControlLoop> WorkloadWorld::Workloads() {
  return {ReplicaSetLoop(), DeploymentLoop(), GarbageCollectorLoop()};
}

WorkloadWorld::WorkloadWorld(std::vector<ControlLoop> loops) : LoopWorld(std::move(loops)) {}

void WorkloadWorld::AddSet(const std::string& name, int replicas) {
  AddSet(name, replicas, json::object());
}

void WorkloadWorld::AddDeployment(const std::string& name, int replicas) {
  AddDeployment(name, replicas, json::object());
}

json WorkloadWorld::Set(const std::string& name) const { return Get("replicaset", "ns/" + name); }

json WorkloadWorld::Deployment(const std::string& name) const {
  return Get("deployment", "ns/" + name);
}

void WorkloadWorld::AddSet(const std::string& name, int replicas, const json& spec) {
  Put("replicaset", "ns/" + name, Object("replicaset", name, replicas, spec));
  Settle();
}

void WorkloadWorld::AddDeployment(const std::string& name, int replicas, const json& spec) {
  Put("deployment", "ns/" + name, Object("deployment", name, replicas, spec));
  Settle();
}

void WorkloadWorld::Change(const std::string& type, const std::string& name, const json& spec) {
  const json now = Get(type, "ns/" + name);
  const auto generation = now["metadata"]["generation"].get<int>() + 1;
  Patch(type, "ns/" + name, {{"metadata", {{"generation", generation}}}, {"spec", spec}});
  Settle();
}

void WorkloadWorld::SetImage(const std::string& deployment, const std::string& image) {
  json containers = Deployment(deployment)["spec"]["template"]["spec"]["containers"];
  containers[0]["image"] = image;
  Change("deployment", deployment, {{"template", {{"spec", {{"containers", containers}}}}}});
}

json WorkloadWorld::Status(const std::string& type, const std::string& name) const {
  json status = Get(type, "ns/" + name)["status"];
  status.erase("conditions");
  return status;
}

std::string WorkloadWorld::Condition(const std::string& type, const std::string& name,
                                     const std::string& condition) const {
  const json object = Get(type, "ns/" + name);
  const json* found = FindCondition(object, condition);
  if (found == nullptr) return "";
  return StringAt(*found, "status") + "=" + StringAt(*found, "reason") + ": " +
         StringAt(*found, "message");
}

std::vector<std::string> WorkloadWorld::Pods(const std::string& owner) const {
  std::vector<std::string> pods;
  std::set<std::string> seen;
  for (const auto& change : changes) {
    if (change.id.type != "pod" || !seen.insert(change.id.name).second) continue;
    const json pod = Get("pod", change.id.name);
    if (pod.is_null()) continue;
    const json* references = kubernetes::Find(pod, {"metadata", "ownerReferences"});
    bool owned = owner.empty();
    for (std::size_t i = 0; i < kubernetes::SizeOf(references); ++i) {
      owned = owned || (*references)[i]["name"] == owner;
    }
    if (owned) pods.push_back(NamePart(change.id.name));
  }
  return pods;
}

std::vector<std::string> WorkloadWorld::ActivePods(const std::string& owner) const {
  std::vector<std::string> active;
  for (const std::string& name : Pods(owner)) {
    const json pod = Get("pod", "ns/" + name);
    const std::string phase = StringAt(pod, {"status", "phase"});
    if (phase == "Succeeded" || phase == "Failed") continue;
    if (!pod["metadata"].contains("deletionTimestamp")) active.push_back(name);
  }
  return active;
}

std::vector<std::string> WorkloadWorld::Sets() const {
  std::vector<std::string> sets;
  for (const auto& change : changes) {
    if (change.id.type != "replicaset") continue;
    const std::string name = NamePart(change.id.name);
    if (std::find(sets.begin(), sets.end(), name) == sets.end() && !Set(name).is_null()) {
      sets.push_back(name);
    }
  }
  return sets;
}

std::vector<int> WorkloadWorld::Sizes() const {
  std::vector<int> sizes;
  for (const std::string& name : Sets()) sizes.push_back(Set(name)["spec"]["replicas"].get<int>());
  return sizes;
}

void WorkloadWorld::Bind(const std::string& pod, const std::string& node) {
  Patch("pod", "ns/" + pod, {{"spec", {{"nodeName", node}}}});
  Settle();
}

void WorkloadWorld::Ready(const std::string& pod) {
  const json now = Get("pod", "ns/" + pod);
  json patch = {{"status", {{"phase", "Running"}}}};
  patch["status"]["conditions"] = json::array(
      {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", FormatTime(this->now())}}});
  if (StringAt(now, {"spec", "nodeName"}).empty()) patch["spec"]["nodeName"] = "n";
  Patch("pod", "ns/" + pod, patch);
  Settle();
}

void WorkloadWorld::ReadyAll(const std::string& owner) {
  for (const std::string& pod : ActivePods(owner)) {
    if (FindCondition(Get("pod", "ns/" + pod), "Ready") == nullptr) Ready(pod);
  }
}

void WorkloadWorld::Unready(const std::string& pod) {
  json conditions = json::array(
      {{{"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", FormatTime(now())}}});
  Patch("pod", "ns/" + pod, {{"status", {{"conditions", conditions}}}});
  Settle();
}

void WorkloadWorld::End(const std::string& pod, const std::string& phase) {
  Patch("pod", "ns/" + pod, {{"spec", {{"nodeName", "n"}}}, {"status", {{"phase", phase}}}});
  Settle();
}

void WorkloadWorld::Kill(const std::string& pod) {
  Delete("pod", "ns/" + pod, Deletion::Propagation::kBackground, 0);
  Settle();
}

std::vector<std::string> WorkloadWorld::Said(const std::string& reason) const {
  std::vector<std::string> said;
  for (const Event& event : events) {
    if (event.note.reason == reason) said.push_back(event.note.message);
  }
  return said;
}

}  // namespace kless::controllers
