#include "tests/functions/controllers/scheduler/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/scheduler/messages.h"
#include "functions/controllers/scheduler/pod_edits.h"
#include "functions/kubernetes/kinds/kinds.h"

namespace kless::controllers::scheduler {

namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";

SchedulerOptions Options(bool record_scores) {
  SchedulerOptions options;
  options.record_scores = record_scores;
  return options;
}

struct Class {
  const char* name;
  int value;
  const char* policy;
};
constexpr Class kClasses[] = {
    {"p10", 10, "PreemptLowerPriority"},     {"p20", 20, "PreemptLowerPriority"},
    {"p30", 30, "PreemptLowerPriority"},     {"p100", 100, "PreemptLowerPriority"},
    {"p1000", 1000, "PreemptLowerPriority"}, {"never100", 100, "Never"}};

// "required" and "preferred" stand for the long names.
json LongNames(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const json& entry : value) out.push_back(LongNames(entry));
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [key, member] : value.items()) {
    const bool shortened = key == "required" || key == "preferred";
    out[shortened ? key + "DuringSchedulingIgnoredDuringExecution" : key] = LongNames(member);
  }
  return out;
}

json PodSpec(const json& attributes) {
  json container = {{"name", "c"}, {"image", attributes.value("image", "busybox")}};
  json requests = attributes.value("res", json::object());
  if (attributes.contains("cpu")) requests["cpu"] = attributes["cpu"];
  if (attributes.contains("mem")) requests["memory"] = attributes["mem"];
  if (!requests.empty()) container["resources"]["requests"] = requests;
  if (attributes.contains("ports")) container["ports"] = attributes["ports"];
  json spec = {{"containers", json::array({container})}};
  for (const char* key : {"initContainers", "nodeSelector", "tolerations", "schedulingGates",
                          "topologySpreadConstraints", "schedulerName", "nodeName", "volumes",
                          "priorityClassName", "hostname"}) {
    if (attributes.contains(key)) spec[key] = attributes[key];
  }
  if (attributes.contains("affinity")) spec["affinity"] = LongNames(attributes["affinity"]);
  if (attributes.contains("podres")) spec["resources"] = attributes["podres"];
  if (attributes.contains("tgps")) spec["terminationGracePeriodSeconds"] = attributes["tgps"];
  for (const Class& priority : kClasses) {
    if (attributes.value("priorityClassName", "") != priority.name) continue;
    spec["priority"] = priority.value;
    spec["preemptionPolicy"] = priority.policy;
  }
  return spec;
}

}  // namespace

std::string Expand(std::string text) {
  const std::pair<const char*, const char*> names[] = {
      {"{NCP}", "no new claims to deallocate, preemption: "},
      {"{NPV}", "No preemption victims found for incoming pod"},
      {"{PNH}", "Preemption is not helpful for scheduling"}};
  for (const auto& [name, full] : names) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.replace(at, std::string(name).size(), full);
    }
  }
  return text;
}

World::World(bool record_scores) : core(Options(record_scores)) {}

ResourceId World::Id(const std::string& type, const std::string& name) {
  const bool cluster_scoped = type == "node" || type == "namespace" || type == "priorityclass";
  const bool whole = cluster_scoped || name.find('/') != std::string::npos;
  return {type, whole ? name : "t/" + name};
}

void World::Write(const ResourceId& id, std::optional<std::string> document) {
  const auto found = items_.find(id);
  const ItemPtr old = found == items_.end() ? nullptr : found->second;
  ItemPtr image;
  if (document) {
    auto item = std::make_shared<Item>();
    item->fields = ExtractResourceFields(*document, id.name);
    item->document = std::move(*document);
    item->version = ++version_;
    image = item;
    items_[id] = image;
  } else {
    items_.erase(id);
  }
  core.Observe(id, old, image, now);
}

void World::Put(const std::string& type, const std::string& name, const json& object) {
  Write(Id(type, name), DumpJson(object));
}
void World::Remove(const std::string& type, const std::string& name) {
  Write(Id(type, name), std::nullopt);
}
bool World::Has(const std::string& type, const std::string& name) const {
  return items_.contains(Id(type, name));
}
json World::Get(const std::string& type, const std::string& name) const {
  const auto found = items_.find(Id(type, name));
  return found == items_.end() ? json() : json::parse(found->second->document);
}
void World::Patch(const std::string& type, const std::string& name, const json& merge_patch) {
  json object = Get(type, name);
  const json spec = object.value("spec", json());
  object.merge_patch(merge_patch);
  if (type == "pod" && object.value("spec", json()) != spec) {
    object["metadata"]["generation"] = object["metadata"]["generation"].get<int>() + 1;
  }
  Put(type, name, object);
}

void World::AddNode(const std::string& name, const json& attributes) {
  json labels = attributes.value("labels", json::object());
  labels["kubernetes.io/hostname"] = name;
  if (attributes.contains("zone")) labels["topology.kubernetes.io/zone"] = attributes["zone"];
  json allocatable = attributes.value("extra", json::object());
  allocatable["cpu"] = attributes.value("cpu", "4");
  allocatable["memory"] = attributes.value("mem", "8Gi");
  allocatable["pods"] = attributes.value("pods", "110");
  json taints = attributes.value("taints", json::array());
  json node = {
      {"apiVersion", "v1"},
      {"kind", "Node"},
      {"metadata", {{"name", name}, {"uid", "uid-" + std::to_string(++uids_)}, {"labels", labels}}},
      {"spec", json::object()},
      {"status", {{"allocatable", allocatable}, {"capacity", allocatable}}}};
  if (attributes.contains("images")) node["status"]["images"] = attributes["images"];
  node["spec"]["taints"] = taints;
  node["spec"]["taints"].push_back({{"key", kNotReady}, {"effect", "NoSchedule"}});
  Put("node", name, node);
  Run();
  SetTaints(name, taints);
  Run();
}

void World::AddNode(const std::string& name) { AddNode(name, json::object()); }
void World::AddPod(const std::string& name) { AddPod(name, json::object()); }

void World::SetTaints(const std::string& node, const json& taints) {
  json object = Get("node", node);
  object["spec"]["taints"] = taints;
  Put("node", node, object);
}

void World::CreatePod(const std::string& name, const json& attributes) {
  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata",
               {{"name", name},
                {"namespace", "t"},
                {"uid", "uid-" + std::to_string(++uids_)},
                {"generation", 1},
                {"creationTimestamp", FormatTime(now)}}},
              {"spec", PodSpec(attributes)}};
  if (attributes.contains("labels")) pod["metadata"]["labels"] = attributes["labels"];
  if (attributes.contains("owner")) {
    pod["metadata"]["ownerReferences"] = json::array({attributes["owner"]});
  }
  const kubernetes::Kind kind = kubernetes::PodKind();
  kubernetes::WriteContext context;
  context.unix_nanos = now;
  kind.apply_defaults(pod);
  kind.admit(pod, context);
  kind.prepare_create(pod, context);
  if (attributes.contains("schedulingGates")) {
    pod["status"]["conditions"] =
        json::array({{{"type", "PodScheduled"},
                      {"status", "False"},
                      {"reason", "SchedulingGated"},
                      {"message", "Scheduling is blocked due to non-empty scheduling gates"}}});
  }
  Put("pod", name, pod);
}

void World::AddPod(const std::string& name, const json& attributes) {
  CreatePod(name, attributes);
  Run();
}

void World::DeletePod(const std::string& name) {
  json pod = Get("pod", name);
  const int grace = pod["spec"].value("terminationGracePeriodSeconds", 30);
  if (grace == 0 || NodeOf(name).empty()) {
    ForceDelete(name);
    return;
  }
  pod["metadata"]["deletionTimestamp"] = FormatTime(now + grace * kNanosPerSecond);
  pod["metadata"]["deletionGracePeriodSeconds"] = grace;
  Put("pod", name, pod);
}

void World::ForceDelete(const std::string& name) { Remove("pod", name); }

void World::Finish(const std::string& name, const std::string& phase) {
  Patch("pod", name, {{"status", {{"phase", phase}}}});
}

void World::Bind(const Decision& decision) {
  std::string node = decision.node;
  const auto choice = wanted.find(decision.pod.name.substr(2));
  if (choice != wanted.end() && choice->second != node) {
    std::int64_t most = 0, recorded = -1;
    for (const ScoreLine& line : decision.scores) {
      most = std::max(most, line.total);
      if (line.node == choice->second) recorded = line.total;
    }
    EXPECT_EQ(recorded, most) << decision.pod.name << " on " << choice->second << ", not " << node;
    if (recorded == most) node = choice->second;
  }
  const auto bound =
      BindPod(items_.at(decision.pod)->document, node, core.TopologyLabels(node), now);
  ASSERT_TRUE(bound) << decision.pod.name;
  const SchedulerEvent event = ScheduledEvent(decision.pod.name, node);
  events.push_back(event.type + " " + event.reason + " " + decision.pod.name.substr(2) + ": " +
                   event.note);
  Write(decision.pod, *bound);
}

void World::Evict(const Decision& decision) {
  for (const Victim& victim : decision.victims) {
    const SchedulerEvent event = PreemptedEvent(decision.uid, *decision.nominated_node);
    events.push_back(event.type + " " + event.reason + " " + victim.pod.name.substr(2) + ": " +
                     event.note);
    const auto marked = MarkPreempted(items_.at(victim.pod)->document, now);
    ASSERT_TRUE(marked) << victim.pod.name;
    Write(victim.pod, *marked);
    DeletePod(victim.pod.name);
  }
}

void World::CarryOut(const Decision& decision) {
  attempts.push_back(decision.pod.name.substr(2));
  decisions[decision.pod.name.substr(2)] = decision;
  if (decision.kind == Decision::Kind::kBind) {
    if (bindings_fail) {
      core.Undo(decision.pod.name, decision.uid, now);
    } else {
      Bind(decision);
    }
    return;
  }
  const SchedulerEvent event = FailedSchedulingEvent(decision.message);
  events.push_back(event.type + " " + event.reason + " " + decision.pod.name.substr(2) + ": " +
                   event.note);
  const auto marked = MarkUnschedulable(items_.at(decision.pod)->document, decision.message,
                                        decision.nominated_node, now);
  if (marked) Write(decision.pod, *marked);
  Evict(decision);
}

void World::Run() {
  for (int i = 0; i < 10000 && core.HasActive(now); ++i) {
    const auto decision = core.Next(now);
    if (decision) CarryOut(*decision);
  }
  EXPECT_FALSE(core.HasActive(now)) << "the scheduler does not come to rest";
}

void World::Advance(std::int64_t nanos) {
  const std::int64_t end = now + nanos;
  for (auto wake = core.NextWake(); wake && *wake <= end; wake = core.NextWake()) {
    now = std::max(now, *wake);
    Run();
  }
  now = end;
}

std::string World::NodeOf(const std::string& pod) const {
  const json object = Get("pod", pod);
  return object.is_object() ? object["spec"].value("nodeName", "") : "(no pod)";
}

json World::Condition(const std::string& pod, const std::string& type) const {
  const json object = Get("pod", pod);
  if (!object.is_object() || !object["status"].contains("conditions")) return nullptr;
  for (const json& condition : object["status"]["conditions"]) {
    if (condition["type"] == type) return condition;
  }
  return nullptr;
}

std::string World::Message(const std::string& pod) const {
  const json condition = Condition(pod, "PodScheduled");
  if (!condition.is_object() || condition["status"] != "False") return "(no condition)";
  return condition.value("message", "");
}

std::string World::Nominated(const std::string& pod) const {
  const json object = Get("pod", pod);
  return object.is_object() ? object["status"].value("nominatedNodeName", "") : "(no pod)";
}

std::vector<std::string> World::Terminating() const {
  std::vector<std::string> names;
  for (const auto& [id, item] : items_) {
    if (id.type == "pod" && item->fields->deleting) names.push_back(id.name.substr(2));
  }
  return names;
}

}  // namespace kless::controllers::scheduler
