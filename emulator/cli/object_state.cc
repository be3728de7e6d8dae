#include "emulator/cli/object_state.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "emulator/cli/output.h"
#include "emulator/control_planes/serverless.h"

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kNamedNodes = 3;  // the others are counted

const json& SubObject(const json& object, const char* key) {
  static const json empty = json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : empty;
}

std::string SubText(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<json> ConditionsOf(const json& object) {
  const json& status = SubObject(object, "status");
  const auto found = status.find("conditions");
  std::vector<json> conditions;
  if (found == status.end() || !found->is_array()) return conditions;
  for (const json& condition : *found) {
    if (condition.is_object()) conditions.push_back(condition);
  }
  return conditions;
}

std::string ControllerUid(const json& object) {
  const json& metadata = SubObject(object, "metadata");
  const auto owners = metadata.find("ownerReferences");
  if (owners == metadata.end() || !owners->is_array()) return "";
  for (const json& owner : *owners) {
    if (owner.value("controller", false)) return SubText(owner, "uid");
  }
  return "";
}

// The daemon's own nodes and clock.
struct NodesAndClock {
  bool known = false;
  std::size_t nodes = 0;
  std::set<std::string> failed_nodes;
  bool paused = false;
  std::set<std::string> loops;
};

NodesAndClock LookAtNodesAndClock(ApiClient& api) {
  NodesAndClock world;
  const auto nodes = api.Call("GET", "/kless/v1/nodes");
  const auto status = api.Call("GET", "/kless/v1/status");
  if (nodes.has_error() || status.has_error()) return world;
  world.known = true;
  for (const json& node : nodes.value().value("nodes", json::array())) {
    ++world.nodes;
    if (!node.value("alive", true)) world.failed_nodes.insert(SubText(node, "name"));
  }
  world.paused = SubObject(status.value(), "clock").value("paused", false);
  for (const json& loop : status.value().value("loops", json::array())) {
    world.loops.insert(loop.get<std::string>());
  }
  return world;
}

// Returns why a pod has not started.
std::string PendingReason(const json& pod) {
  for (const json& condition : ConditionsOf(pod)) {
    if (SubText(condition, "type") == "PodScheduled" && SubText(condition, "status") == "False") {
      return SubText(condition, "message");
    }
  }
  const json& status = SubObject(pod, "status");
  const auto containers = status.find("containerStatuses");
  if (containers == status.end() || !containers->is_array()) return "";
  for (const json& container : *containers) {
    const std::string reason =
        SubText(SubObject(SubObject(container, "state"), "waiting"), "reason");
    if (!reason.empty()) return reason;
  }
  return "";
}

// Pods in the same phase for the same reason.
struct PodGroup {
  std::int64_t pods = 0;
  std::set<std::string> nodes;
};

std::string OnNodes(const std::set<std::string>& nodes, const NodesAndClock& world) {
  std::string text;
  std::size_t named = 0;
  for (const std::string& node : nodes) {
    if (named++ == kNamedNodes) break;
    text += (text.empty() ? " on " : ", ") + node;
    if (world.failed_nodes.contains(node)) text += " (which has failed)";
  }
  if (nodes.size() > kNamedNodes) {
    text += " and " + std::to_string(nodes.size() - kNamedNodes) + " more nodes";
  }
  return text;
}

class PodCensus {
 public:
  void Add(const json& pod) {
    ++pods_;
    std::string phase = SubText(SubObject(pod, "status"), "phase");
    if (phase.empty()) phase = "Pending";
    const std::string reason = phase == "Pending" ? PendingReason(pod) : "";
    PodGroup& group = groups_[{phase, reason}];
    ++group.pods;
    const std::string node = SubText(SubObject(pod, "spec"), "nodeName");
    if (!node.empty() && (phase == "Running" || phase == "Pending")) group.nodes.insert(node);
  }

  // Returns "1 of 2 pods is Running on node-0, 1 is Pending: 0/3 nodes are available".
  std::string Text(const NodesAndClock& world) const {
    std::string text;
    for (const auto& [key, group] : groups_) {
      const auto& [phase, reason] = key;
      text += text.empty() ? std::to_string(group.pods) + " of " + std::to_string(pods_) + " pods"
                           : ", " + std::to_string(group.pods);
      text += (group.pods == 1 ? " is " : " are ") + phase + OnNodes(group.nodes, world);
      if (!reason.empty()) text += " (" + reason + ")";
    }
    return text;
  }
  bool empty() const { return pods_ == 0; }

 private:
  std::int64_t pods_ = 0;
  std::map<std::pair<std::string, std::string>, PodGroup> groups_;
};

// Counts the pods that the object controls, itself or through ReplicaSets.
PodCensus CountControlledPods(ApiClient& api, const json& object) {
  PodCensus census;
  const json& metadata = SubObject(object, "metadata");
  const std::string in_namespace =
      "/namespaces/" + PercentEncode(SubText(metadata, "namespace")) + "/";
  std::set<std::string> uids = {SubText(metadata, "uid")};
  if (SubText(object, "kind") == "Deployment") {
    (void)ForEachObject(api, "/apis/apps/v1" + in_namespace + "replicasets", [&](const json& set) {
      if (uids.contains(ControllerUid(set))) {
        uids.insert(SubText(SubObject(set, "metadata"), "uid"));
      }
    });
  }
  (void)ForEachObject(api, "/api/v1" + in_namespace + "pods", [&](const json& pod) {
    if (uids.contains(ControllerUid(pod))) census.Add(pod);
  });
  return census;
}

std::string NoPods(const json& object, const NodesAndClock& world) {
  const std::string kind = SubText(object, "kind");
  const json& spec = SubObject(object, "spec");
  if (kind == "Job" && spec.value("suspend", false)) return "the Job is suspended";
  if (spec.value("paused", false)) return "the " + kind + " is paused";
  const std::map<std::string, std::string> loop_of = {
      {"Job", "job"}, {"ReplicaSet", "replicaset"}, {"Deployment", "deployment"}};
  const auto loop = loop_of.find(kind);
  if (loop != loop_of.end() && world.known && !world.loops.contains(loop->second)) {
    return "it has no pods: this kless does not run the control loop '" + loop->second +
           "' (--loops)";
  }
  return "it has no pods";
}

// Returns "; job-controller fails: Task timed out" for each control loop whose last invocation
// failed or was refused.
std::string FailingLoops(ApiClient& api) {
  const auto answer = api.Call("GET", "/kless/v1/mappings");
  if (answer.has_error()) return "";
  std::string text;
  for (const json& mapping : answer.value().value("mappings", json::array())) {
    const std::string function = SubText(mapping, "function");
    const std::string error = SubText(mapping, "last_error");
    if (!control_planes::LoopFunctionNames().contains(function)) continue;
    const auto discarded = mapping.value("discarded", std::uint64_t{0});
    if (discarded > 0) {
      text += "; " + function + " has discarded " + std::to_string(discarded) + " records";
    }
    if (!error.empty()) text += "; the last invocation of " + function + " failed: " + error;
  }
  return text;
}

std::string ConditionsText(const json& object) {
  std::string text;
  for (const json& condition : ConditionsOf(object)) {
    text += (text.empty() ? "its conditions are " : ", ") + SubText(condition, "type") + "=" +
            SubText(condition, "status");
    std::string why = SubText(condition, "message");
    if (why.empty()) why = SubText(condition, "reason");
    if (!why.empty() && SubText(condition, "status") != "True") text += " (" + why + ")";
  }
  return text.empty() ? "it has no conditions" : text;
}

}  // namespace

Result<void> ForEachObject(ApiClient& api, const std::string& path,
                           const std::function<void(const json&)>& visit) {
  std::string next;
  do {
    std::string page_path = path + "?limit=500";
    if (!next.empty()) page_path += "&continue=" + PercentEncode(next);
    KLESS_TRY(auto page, api.Call("GET", page_path));
    const json items = page.value("items", json::array());
    for (const json& item : items) visit(item);
    next = page.value("metadata", json::object()).value("continue", "");
  } while (!next.empty());
  return {};
}

std::string DescribeState(ApiClient& api, const json& object, Awaited awaited) {
  const NodesAndClock world = LookAtNodesAndClock(api);
  const std::string kind = SubText(object, "kind");
  std::string text;
  bool about_pods = true;
  if (kind == "Pod") {
    PodCensus census;
    census.Add(object);
    text = "the pod" + census.Text(world).substr(std::string("1 of 1 pods").size());
  } else if (kind == "Job" || kind == "ReplicaSet" || kind == "Deployment") {
    const PodCensus census = CountControlledPods(api, object);
    text = census.empty() ? NoPods(object, world) : census.Text(world);
  } else {
    text = ConditionsText(object);
    about_pods = false;
  }
  if (!world.known) return text;
  if (about_pods) text += FailingLoops(api);
  if (about_pods && awaited != Awaited::kPods && world.nodes == 0) {
    text +=
        "; this kless has no nodes, so a pod runs and ends only when a client sets its status "
        "('kless serve --nodes 3' has some)";
  }
  if (world.paused) text += "; the clock is paused";
  return text;
}

}  // namespace kless::cli
