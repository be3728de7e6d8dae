#include "emulator/data_plane/node_object.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/data_plane/pod_document.h"
#include "emulator/data_plane/pod_ip.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::data_plane {
namespace {

using kubernetes::Find;
using kubernetes::ObjectAt;
using kubernetes::StringAt;
using nlohmann::json;

constexpr const char* kKubeletVersion = "v1.36.2";
constexpr int kLeaseSeconds = 40;  // reference kubernetes.md (b)
constexpr int kKubeletPort = 10250;
constexpr std::uint32_t kNodeNetwork = 0xac100000 + 10;  // 172.16.0.10 and up

json NodeCondition(const char* type, bool holds, const char* reason, const char* message,
                   const json* old_list, const std::string& now) {
  const char* const status = holds ? "True" : "False";
  std::string transition = now;
  if (old_list != nullptr && old_list->is_array()) {
    for (const json& old : *old_list) {
      if (StringAt(old, "type") != type || StringAt(old, "status") != status) continue;
      const std::string before = StringAt(old, "lastTransitionTime");
      if (!before.empty()) transition = before;
    }
  }
  return {{"lastHeartbeatTime", now}, {"lastTransitionTime", transition},
          {"message", message},       {"reason", reason},
          {"status", status},         {"type", type}};
}

// The kubelet's four conditions, then those of other writers.
json Conditions(const json* old_list, std::int64_t unix_nanos) {
  const std::string now = FormatTime(unix_nanos);
  json list = json::array();
  list.push_back(NodeCondition("MemoryPressure", false, "KubeletHasSufficientMemory",
                               "kubelet has sufficient memory available", old_list, now));
  list.push_back(NodeCondition("DiskPressure", false, "KubeletHasNoDiskPressure",
                               "kubelet has no disk pressure", old_list, now));
  list.push_back(NodeCondition("PIDPressure", false, "KubeletHasSufficientPID",
                               "kubelet has sufficient PID available", old_list, now));
  list.push_back(NodeCondition("Ready", true, "KubeletReady", "kubelet is posting ready status",
                               old_list, now));
  if (old_list == nullptr || !old_list->is_array()) return list;
  for (const json& old : *old_list) {
    const std::string type = StringAt(old, "type");
    if (type != "MemoryPressure" && type != "DiskPressure" && type != "PIDPressure" &&
        type != "Ready") {
      list.push_back(old);
    }
  }
  return list;
}

json Capacity(const DataPlaneConfig& config) {
  json capacity = {{"cpu", config.node_cpu},
                   {"memory", config.node_memory},
                   {"ephemeral-storage", config.node_ephemeral_storage},
                   {"pods", std::to_string(config.node_pods)}};
  for (const auto& [name, quantity] : config.node_resources) capacity[name] = quantity;
  return capacity;
}

json NodeInfo(const std::string& name) {
  Random random(0, "machine of " + name);
  return {{"architecture", "amd64"},
          {"bootID", random.Uuid()},
          {"containerRuntimeVersion", "kless://" KLESS_VERSION},
          {"kernelVersion", "kless"},
          {"kubeProxyVersion", ""},
          {"kubeletVersion", kKubeletVersion},
          {"machineID", random.Uuid()},
          {"operatingSystem", "linux"},
          {"osImage", "kless"},
          {"systemUUID", random.Uuid()}};
}

void Post(json& node, const DataPlaneConfig& config, const NodeIdentity& identity,
          std::int64_t unix_nanos) {
  if (json* metadata = ObjectAt(node, "metadata")) {
    json* annotations = ObjectAt(*metadata, "annotations");
    if (annotations != nullptr) {
      annotations->erase(kHeartbeatsAnnotation);
      if (!config.heartbeats) (*annotations)[kHeartbeatsAnnotation] = "off";
      if (annotations->empty()) metadata->erase("annotations");
    }
  }
  json& status = node["status"];
  if (!status.is_object()) status = json::object();
  json conditions = Conditions(Find(status, "conditions"), unix_nanos);
  status["conditions"] = std::move(conditions);
  status["addresses"] = json::array({{{"address", identity.ip}, {"type", "InternalIP"}},
                                     {{"address", identity.name}, {"type", "Hostname"}}});
  status["capacity"] = Capacity(config);
  status["allocatable"] = Capacity(config);
  status["daemonEndpoints"] = {{"kubeletEndpoint", {{"Port", kKubeletPort}}}};
  status["nodeInfo"] = NodeInfo(identity.name);
}

std::string LeaseSpec(const std::string& node, std::int64_t unix_nanos) {
  return DumpJson({{"holderIdentity", node},
                   {"leaseDurationSeconds", kLeaseSeconds},
                   {"renewTime", FormatMicroTime(unix_nanos)}});
}

}  // namespace

NodeIdentity IdentityOf(const DataPlaneConfig& config, int index) {
  const std::size_t digits = std::to_string(config.nodes - 1).size();
  const std::string number = std::to_string(index);
  NodeIdentity identity;
  identity.name = "node-";
  if (number.size() < digits) identity.name.append(digits - number.size(), '0');
  identity.name += number;
  if (config.zones > 0) {
    identity.zone = std::string("zone-") + static_cast<char>('a' + index % config.zones);
  }
  identity.ip = IpText(kNodeNetwork + static_cast<std::uint32_t>(index));
  identity.pod_cidr = PodIp(index, 0) + "/24";
  return identity;
}

std::string NewNode(const DataPlaneConfig& config, const NodeIdentity& identity,
                    const std::string& uid, std::int64_t unix_nanos) {
  json node = {{"apiVersion", "v1"},
               {"kind", "Node"},
               {"metadata",
                {{"creationTimestamp", FormatTime(unix_nanos)},
                 {"labels",
                  {{"kubernetes.io/arch", "amd64"},
                   {"kubernetes.io/hostname", identity.name},
                   {"kubernetes.io/os", "linux"},
                   {"node.kubernetes.io/instance-type", "kless"}}},
                 {"name", identity.name},
                 {"uid", uid}}},
               {"spec",
                {{"podCIDR", identity.pod_cidr},
                 {"podCIDRs", json::array({identity.pod_cidr})},
                 {"providerID", "kless://" + identity.zone + "/" + identity.name}}}};
  if (!identity.zone.empty()) {
    json& labels = node["metadata"]["labels"];
    labels["topology.kubernetes.io/region"] = "kless";
    labels["topology.kubernetes.io/zone"] = identity.zone;
  }
  Post(node, config, identity, unix_nanos);
  return DumpJson(node);
}

std::optional<std::string> PostedNode(const std::string& document, const DataPlaneConfig& config,
                                      const NodeIdentity& identity, std::int64_t unix_nanos) {
  auto node = ParseJson(document);
  if (node.has_error() || !node->is_object()) return std::nullopt;
  Post(node.value(), config, identity, unix_nanos);
  return DumpJson(node.value());
}

std::optional<std::string> WithoutHeartbeatsAnnotation(const std::string& document) {
  auto node = ParseJson(document);
  if (node.has_error() || !node->is_object()) return std::nullopt;
  if (json* annotations = Find(node.value(), {"metadata", "annotations"})) {
    kubernetes::Erase(*annotations, kHeartbeatsAnnotation);
  }
  return DumpJson(node.value());
}

std::string NewLease(const std::string& node, const std::string& node_uid, const std::string& uid,
                     std::int64_t unix_nanos) {
  json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                {"kind", "Lease"},
                {"metadata",
                 {{"creationTimestamp", FormatTime(unix_nanos)},
                  {"name", node},
                  {"namespace", kLeaseNamespace},
                  {"uid", uid}}}};
  if (!node_uid.empty()) {
    lease["metadata"]["ownerReferences"] =
        json::array({{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}, {"uid", node_uid}}});
  }
  return WithMember(DumpJson(lease), "spec", LeaseSpec(node, unix_nanos));
}

std::string RenewedLease(const std::string& document, const std::string& node,
                         std::int64_t unix_nanos) {
  return WithMember(document, "spec", LeaseSpec(node, unix_nanos));
}

}  // namespace kless::data_plane
