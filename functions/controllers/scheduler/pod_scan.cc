#include "functions/controllers/scheduler/pod_scan.h"

#include <algorithm>

#include "emulator/base/raw_json.h"

namespace kless::controllers::scheduler {

namespace {

constexpr std::string_view kSpecMembers[] = {"affinity",
                                             "nodeSelector",
                                             "overhead",
                                             "preemptionPolicy",
                                             "priority",
                                             "priorityClassName",
                                             "resources",
                                             "schedulerName",
                                             "schedulingGates",
                                             "tolerations",
                                             "topologySpreadConstraints"};
constexpr std::string_view kContainerMembers[] = {"image", "ports", "resources", "restartPolicy"};

template <std::size_t kCount>
bool Holds(const std::string_view (&names)[kCount], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void AppendMember(std::string& out, std::string_view key, std::string_view value) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
  out += value;
}

void ScanContainers(RawJson& json, std::string_view name, std::string& out) {
  if (!json.EnterArray()) {
    json.Value();
    return;
  }
  AppendMember(out, name, "[");
  bool first = true;
  std::string_view key;
  while (json.NextElement()) {
    if (!json.EnterObject()) {
      json.Value();
      continue;
    }
    out += first ? "{" : ",{";
    first = false;
    while (json.NextMember(&key)) {
      const std::string_view value = json.Value();
      if (Holds(kContainerMembers, key) && value != "{}") AppendMember(out, key, value);
    }
    out += '}';
  }
  out += ']';
}

void ScanSpec(RawJson& json, std::string& out) {
  std::string_view key;
  while (json.NextMember(&key)) {
    if (key == "containers" || key == "initContainers") {
      ScanContainers(json, key, out);
      continue;
    }
    const std::string_view value = json.Value();
    // Only the claims among the volumes matter; most pods have none.
    const bool claims =
        key == "volumes" && (value.find("persistentVolumeClaim") != std::string_view::npos ||
                             value.find("ephemeral") != std::string_view::npos);
    if (claims || Holds(kSpecMembers, key)) AppendMember(out, key, value);
  }
}

void ScanStatus(RawJson& json, PodScan& scan) {
  std::string_view key;
  while (json.NextMember(&key)) {
    const std::string_view value = json.Value();
    if (key == "nominatedNodeName") scan.nominated_node_name = RawString(value);
    if (key == "startTime") scan.start_time = RawString(value);
  }
}

}  // namespace

void ScanPod(std::string_view document, PodScan& scan) {
  scan.shape_text = "{";
  scan.nominated_node_name.clear();
  scan.start_time.clear();
  RawJson json(document);
  std::string_view key;
  if (json.EnterObject()) {
    while (json.NextMember(&key)) {
      if (key == "spec" && json.EnterObject()) {
        ScanSpec(json, scan.shape_text);
      } else if (key == "status" && json.EnterObject()) {
        ScanStatus(json, scan);
      } else {
        json.Value();
      }
    }
  }
  scan.shape_text += '}';
}

}  // namespace kless::controllers::scheduler
