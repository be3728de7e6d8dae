// The cells of `kubectl get nodes`.
#include <nlohmann/json.hpp>
#include <set>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::string StatusText(const json& node) {
  std::string text = "Unknown";
  const json* conditions = Find(node, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    if (StringAt((*conditions)[i], "type") != "Ready") continue;
    text = StringAt((*conditions)[i], "status") == "True" ? "Ready" : "NotReady";
  }
  if (BoolAt(FindOrEmpty(node, "spec"), "unschedulable")) text += ",SchedulingDisabled";
  return text;
}

std::string RolesText(const json& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  const json& labels = FindOrEmpty(node, {"metadata", "labels"});
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (key.starts_with(kPrefix) && key.size() > kPrefix.size()) {
        roles.insert(key.substr(kPrefix.size()));
      } else if (key == "kubernetes.io/role" && value.is_string() && value != "") {
        roles.insert(value.get<std::string>());
      }
    }
  }
  return OrNone(Joined(std::vector<std::string>(roles.begin(), roles.end())));
}

TextCell AddressCell(const char* type) {
  return [type](const json& node) -> std::string {
    const json* addresses = Find(node, {"status", "addresses"});
    for (std::size_t i = 0; i < SizeOf(addresses); ++i) {
      if (StringAt((*addresses)[i], "type") == type) return StringAt((*addresses)[i], "address");
    }
    return "<none>";
  };
}

Path NodeInfo(const char* member) { return {"status", "nodeInfo", member}; }

}  // namespace

void AddNodeColumns(ColumnLists& lists) {
  lists["Node"] = {
      NameColumn(),
      TextColumn("Status", "Whether the node is ready and takes pods.", StatusText),
      TextColumn("Roles", "What the node is for.", RolesText),
      AgeColumn(),
      TextColumn("Version", "Version of its kubelet.", NodeInfo("kubeletVersion"), ""),
      TextColumn("Internal-IP", "Its address inside the cluster.", AddressCell("InternalIP"), 1),
      TextColumn("External-IP", "Its address outside.", AddressCell("ExternalIP"), 1),
      TextColumn("OS-Image", "Its operating system.", NodeInfo("osImage"), "<unknown>", 1),
      TextColumn("Kernel-Version", "Its kernel.", NodeInfo("kernelVersion"), "<unknown>", 1),
      TextColumn("Container-Runtime", "What runs its containers.",
                 NodeInfo("containerRuntimeVersion"), "<unknown>", 1)};
}

}  // namespace kless::kubernetes
