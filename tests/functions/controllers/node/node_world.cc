#include "tests/functions/controllers/node/node_world.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/node/node_lifecycle_loop.h"
#include "functions/controllers/node/taint_eviction_loop.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

NodeWorld::NodeWorld(std::int64_t start)
    : LoopWorld({NodeLifecycleLoop(), TaintEvictionLoop()}, start) {}

void NodeWorld::AddNode(const std::string& name, const std::string& zone) {
  json node;
  node["metadata"]["labels"] = {{"kubernetes.io/os", "linux"}, {"kubernetes.io/hostname", name}};
  if (!zone.empty()) {
    node["metadata"]["labels"]["topology.kubernetes.io/region"] = "r";
    node["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone;
  }
  node["spec"]["taints"] = {{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}}};
  Put("node", name, std::move(node));
}

void NodeWorld::PostReady(const std::string& name, const char* ready) {
  const std::string time = FormatTime(now());
  json conditions = json::array();
  for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure"}) {
    conditions.push_back({{"type", type}, {"status", "False"}, {"lastHeartbeatTime", time}});
  }
  conditions.push_back({{"type", "Ready"}, {"status", ready}, {"lastHeartbeatTime", time}});
  Patch("node", name, {{"status", {{"conditions", conditions}}}});
  RenewLease(name);
}

void NodeWorld::RenewLease(const std::string& name) {
  Put("lease", "kube-node-lease/" + name, {{"spec", {{"renewTime", FormatMicroTime(now())}}}});
}

void NodeWorld::AddReadyNode(const std::string& name, const std::string& zone) {
  AddNode(name, zone);
  PostReady(name);
}

void NodeWorld::AddPod(const std::string& name, const std::string& node) {
  AddPod(name, node, json::array());
}

void NodeWorld::AddPod(const std::string& name, const std::string& node, json tolerations) {
  Put("pod", "a/" + name,
      {{"spec", {{"nodeName", node}, {"tolerations", std::move(tolerations)}}},
       {"status",
        {{"phase", "Running"},
         {"conditions",
          {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", FormatTime(now())}}}}}}});
}

std::vector<std::string> NodeWorld::Taints(const std::string& node) const {
  std::vector<std::string> taints;
  const json object = Get("node", node);
  if (!object.contains("spec") || !object["spec"].contains("taints")) return taints;
  for (const json& taint : object["spec"]["taints"]) {
    taints.push_back(taint["key"].get<std::string>() + ":" + taint["effect"].get<std::string>());
  }
  return taints;
}

bool NodeWorld::Holds(const json& node, const std::string& taint) {
  const json* taints = kubernetes::Find(node, {"spec", "taints"});
  if (taints == nullptr) return false;
  for (const json& entry : *taints) {
    if (kubernetes::StringAt(entry, "key") + ":" + kubernetes::StringAt(entry, "effect") == taint) {
      return true;
    }
  }
  return false;
}

bool NodeWorld::IsTainted(const std::string& node, const std::string& taint) const {
  return Holds(Get("node", node), taint);
}

double NodeWorld::TaintedAt(const std::string& node, const std::string& taint) const {
  double at = -1;
  for (const Change& change : changes) {
    if (change.id != ResourceId{"node", node}) continue;
    if (Holds(change.After(), taint) && !Holds(change.Before(), taint)) {
      at = static_cast<double>(change.at - kStart) / 1e9;
    }
  }
  return at;
}

double NodeWorld::ClearedAt(const std::string& node, const std::string& taint) const {
  double at = -1;
  for (const Change& change : changes) {
    if (change.id != ResourceId{"node", node}) continue;
    if (!Holds(change.After(), taint) && Holds(change.Before(), taint)) {
      at = static_cast<double>(change.at - kStart) / 1e9;
    }
  }
  return at;
}

json NodeWorld::Condition(const std::string& type, const std::string& name,
                          const char* condition) const {
  const json object = Get(type, name);
  const json* found = FindCondition(object, condition);
  return found == nullptr ? json() : *found;
}

std::vector<std::string> NodeWorld::Said(const std::string& reason) const {
  std::vector<std::string> said;
  for (const Event& event : events) {
    if (event.note.reason != reason) continue;
    char at[32];
    std::snprintf(at, sizeof at, "%.1f ", static_cast<double>(event.at - kStart) / 1e9);
    said.push_back(at + event.note.type + " " + event.note.message);
  }
  return said;
}

json TolerateFor(int seconds) {
  json tolerations = json::array();
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    tolerations.push_back({{"key", key},
                           {"operator", "Exists"},
                           {"effect", "NoExecute"},
                           {"tolerationSeconds", seconds}});
  }
  return tolerations;
}

}  // namespace kless::controllers
