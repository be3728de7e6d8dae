// Services: defaults, rules, and the cluster IPs and node ports that the API server allocates.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/service/storage/alloc.go
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/validation/pod_parts_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// kubeadm's service network, 10.96.0.0/12; the first addresses are reserved for the cluster itself.
constexpr std::uint32_t kNetwork = (10U << 24) | (96U << 16);
constexpr std::uint64_t kReserved = 256;
constexpr std::uint64_t kAddresses = 1U << 20;
constexpr std::int64_t kFirstNodePort = 30000;
constexpr std::int64_t kLastNodePort = 32767;
constexpr int kDraws = 100;
constexpr const char* kServiceType = "service";
constexpr const char* kServicePortSentence = "must be between 1 and 65535, inclusive";

bool NeedsClusterIp(const json& spec) { return StringAt(spec, "type") != "ExternalName"; }
bool IsHeadless(const json& spec) { return StringAt(spec, "clusterIP") == "None"; }
bool NeedsNodePorts(const json& spec) {
  const std::string type = StringAt(spec, "type");
  if (type == "NodePort") return true;
  const json* wanted = Find(spec, "allocateLoadBalancerNodePorts");
  return type == "LoadBalancer" && (wanted == nullptr || *wanted != false);
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go
void ApplyServiceDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "sessionAffinity", "None");
  SetDefault(*spec, "type", "ClusterIP");
  const std::string type = StringAt(*spec, "type");
  if (StringAt(*spec, "sessionAffinity") == "ClientIP") {
    if (json* config = ObjectAt(*spec, "sessionAffinityConfig")) {
      if (json* client = ObjectAt(*config, "clientIP")) {
        SetDefault(*client, "timeoutSeconds", 10800);
      }
    }
  }
  if (type != "ExternalName") SetDefault(*spec, "internalTrafficPolicy", "Cluster");
  if (type == "NodePort" || type == "LoadBalancer") {
    SetDefault(*spec, "externalTrafficPolicy", "Cluster");
  }
  if (type == "LoadBalancer") SetDefault(*spec, "allocateLoadBalancerNodePorts", true);
  json* ports = Find(*spec, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    json& port = (*ports)[i];
    if (!port.is_object()) continue;
    SetDefault(port, "protocol", "TCP");
    if (const auto number = IntegerAt(port, "port")) SetDefault(port, "targetPort", *number);
  }
}

// The words for the values that a Service holds.
std::string HeldAddress(const std::string& address) { return "clusterIP " + address; }
std::string HeldNodePort(std::int64_t port) { return "nodePort " + std::to_string(port); }

std::vector<std::string> HeldByService(const json& object) {
  std::vector<std::string> held;
  const json& spec = FindOrEmpty(object, "spec");
  const std::string address = StringAt(spec, "clusterIP");
  if (!address.empty()) held.push_back(HeldAddress(address));
  const json* ports = Find(spec, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    if (const auto port = IntegerAt((*ports)[i], "nodePort")) held.push_back(HeldNodePort(*port));
  }
  return held;
}

bool IsHeld(const WriteContext& context, const std::string& value) {
  return context.stored != nullptr && !context.stored->Holders(kServiceType, value).empty();
}

std::string DrawAddress(const WriteContext& context) {
  std::string address;
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::uint32_t number =
        kNetwork +
        static_cast<std::uint32_t>(kReserved + context.random->Below(kAddresses - kReserved - 1));
    address = std::to_string(number >> 24) + "." + std::to_string(number >> 16 & 255) + "." +
              std::to_string(number >> 8 & 255) + "." + std::to_string(number & 255);
    if (!IsHeld(context, HeldAddress(address))) break;
  }
  return address;
}

void GiveAddress(json& spec, const WriteContext& context) {
  std::string address = StringAt(spec, "clusterIP");
  if (address.empty() && context.random != nullptr) address = DrawAddress(context);
  if (address.empty()) return;
  Set(spec, "clusterIP", address);
  SetDefault(spec, "clusterIPs", json::array({address}));
  SetDefault(spec, "ipFamilies", json::array({"IPv4"}));
  SetDefault(spec, "ipFamilyPolicy", "SingleStack");
}

void GiveNodePorts(json& spec, const WriteContext& context) {
  json* ports = Find(spec, "ports");
  std::set<std::int64_t> taken;
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    taken.insert(IntegerAt((*ports)[i], "nodePort").value_or(0));
  }
  for (std::size_t i = 0; i < SizeOf(ports) && context.random != nullptr; ++i) {
    json& port = (*ports)[i];
    if (!port.is_object() || IntegerAt(port, "nodePort").value_or(0) != 0) continue;
    std::int64_t number = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      number = kFirstNodePort +
               static_cast<std::int64_t>(context.random->Below(kLastNodePort - kFirstNodePort + 1));
      if (!taken.contains(number) && !IsHeld(context, HeldNodePort(number))) break;
    }
    taken.insert(number);
    port["nodePort"] = number;
  }
}

void Allocate(json& spec, const WriteContext& context) {
  if (NeedsClusterIp(spec)) GiveAddress(spec, context);
  if (NeedsNodePorts(spec)) GiveNodePorts(spec, context);
}

void PrepareNewService(json& object, const WriteContext& context) {
  Set(object, "status", {{"loadBalancer", json::object()}});
  if (json* spec = ObjectAt(object, "spec")) Allocate(*spec, context);
}

// Fields that an update omits are kept as long as the type needs them.
void PrepareServiceUpdate(json& object, const json& old, const WriteContext& context) {
  json* spec = Find(object, "spec");
  if (spec == nullptr || !spec->is_object()) return;
  const json& before = FindOrEmpty(old, "spec");
  if (NeedsClusterIp(*spec)) {
    if (NeedsClusterIp(before) && StringAt(*spec, "clusterIP").empty()) {
      for (const char* key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
        if (const json* value = Find(before, key)) SetDefault(*spec, key, *value);
      }
      if (StringAt(*spec, "clusterIP").empty()) {
        Set(*spec, "clusterIP", ValueOrNull(before, "clusterIP"));
      }
    }
  } else {
    const bool same = StringAt(*spec, "clusterIP") == StringAt(before, "clusterIP");
    if (same) {
      for (const char* key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
        Erase(*spec, key);
      }
    }
  }
  json* ports = Find(*spec, "ports");
  const json* old_ports = Find(before, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    json& port = (*ports)[i];
    if (!port.is_object()) continue;
    const auto number = IntegerAt(port, "nodePort");
    for (std::size_t j = 0; j < SizeOf(old_ports); ++j) {
      const json& other = (*old_ports)[j];
      if (ValueOrNull(other, "port") != ValueOrNull(port, "port") ||
          ValueOrNull(other, "protocol") != ValueOrNull(port, "protocol")) {
        continue;
      }
      const auto given = IntegerAt(other, "nodePort");
      if (NeedsNodePorts(*spec) && !number && given) port["nodePort"] = *given;
      if (StringAt(*spec, "type") == "ClusterIP" && number && number == given) {
        port.erase("nodePort");
      }
    }
  }
  Allocate(*spec, context);
}

bool IsServicePort(std::int64_t number) { return number >= 1 && number <= 65535; }

void ValidateTargetPort(const json& port, const std::string& field, FieldErrors& errors) {
  const json* target = Find(port, "targetPort");
  if (target == nullptr) return;
  if (const auto number = IntegerAt(port, "targetPort")) {
    if (!IsServicePort(*number)) errors.push_back(Invalid(field, *number, kServicePortSentence));
  } else if (target->is_string()) {
    ValidatePortName(target->get<std::string>(), field, errors);
  }
}

void ValidatePort(const json& port, const std::string& field, const std::string& type,
                  FieldErrors& errors) {
  const std::int64_t number = IntegerAt(port, "port").value_or(0);
  if (!IsServicePort(number))
    errors.push_back(Invalid(field + ".port", number, kServicePortSentence));
  const std::string protocol = StringAt(port, "protocol");
  if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
    errors.push_back(NotSupported(field + ".protocol", protocol, {"SCTP", "TCP", "UDP"}));
  }
  ValidateTargetPort(port, field + ".targetPort", errors);
  const auto node_port = IntegerAt(port, "nodePort");
  if (!node_port || *node_port == 0) return;
  if (type == "ClusterIP") {
    errors.push_back(Forbidden(field + ".nodePort", "may not be used when `type` is 'ClusterIP'"));
  } else if (*node_port < kFirstNodePort || *node_port > kLastNodePort) {
    errors.push_back(Invalid(field + ".nodePort", *node_port,
                             "provided port is not in the valid range. The range of valid ports "
                             "is 30000-32767"));
  }
}

void ValidateServicePorts(const json& spec, const std::string& type, FieldErrors& errors) {
  const json* ports = Find(spec, "ports");
  const std::size_t size = SizeOf(ports);
  if (size == 0 && type != "ExternalName" && !IsHeadless(spec)) {
    errors.push_back(Required("spec.ports", ""));
  }
  std::set<std::string> names;
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (std::size_t i = 0; i < size; ++i) {
    const json& port = (*ports)[i];
    const std::string field = "spec.ports[" + std::to_string(i) + "]";
    const std::string name = StringAt(port, "name");
    if (name.empty()) {
      if (size > 1) errors.push_back(Required(field + ".name", ""));
    } else {
      for (const std::string& problem : DnsLabelProblems(name)) {
        errors.push_back(Invalid(field + ".name", name, problem));
      }
      if (!names.insert(name).second) errors.push_back(Duplicate(field + ".name", name));
    }
    ValidatePort(port, field, type, errors);
    const std::string protocol = StringAt(port, "protocol");
    const std::int64_t number = IntegerAt(port, "port").value_or(0);
    if (IsServicePort(number) && !seen.emplace(protocol, number).second) {
      errors.push_back(Duplicate(field, {{"port", number}, {"protocol", protocol}}));
    }
  }
}

FieldErrors ValidateService(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  const std::string type = StringAt(spec, "type");
  ValidateServicePorts(spec, type, errors);
  if (type == "ExternalName" && StringAt(spec, "externalName").empty()) {
    errors.push_back(Required("spec.externalName", ""));
  }
  if (type == "LoadBalancer" && IsHeadless(spec)) {
    errors.push_back(Invalid("spec.clusterIPs[0]", "None",
                             "may not be set to 'None' for LoadBalancer services"));
  }
  const std::string affinity = StringAt(spec, "sessionAffinity");
  if (affinity != "None" && affinity != "ClientIP") {
    errors.push_back(NotSupported("spec.sessionAffinity", affinity, {"ClientIP", "None"}));
  }
  if (type != "ClusterIP" && type != "NodePort" && type != "LoadBalancer" &&
      type != "ExternalName") {
    errors.push_back(
        NotSupported("spec.type", type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}));
  }
  ValidateLabels(Find(spec, "selector"), "spec.selector", errors);
  return errors;
}

void ValidateAddressUpdate(const json& object, const json& old, FieldErrors& errors) {
  const json& spec = FindOrEmpty(object, "spec");
  const json& before = FindOrEmpty(old, "spec");
  const std::string address = StringAt(before, "clusterIP");
  if (address.empty() || !NeedsClusterIp(spec) || !NeedsClusterIp(before)) return;
  if (StringAt(spec, "clusterIP") == address) return;
  errors.push_back(Invalid("spec.clusterIPs[0]", json::array({ValueOrNull(spec, "clusterIP")}),
                           "may not change once set"));
}

}  // namespace

Kind ServiceKind() {
  Kind kind = NamespacedKind("", "v1", "Service", "services", kServiceType);
  kind.short_names = {"svc"};
  kind.categories = {"all"};
  kind.has_status = true;
  kind.create_on_update = true;
  kind.apply_defaults = ApplyServiceDefaults;
  kind.prepare_create = PrepareNewService;
  kind.prepare_update = PrepareServiceUpdate;
  kind.held_values = HeldByService;
  SetRules(kind, ValidateService, ValidateAddressUpdate);
  kind.selectable_fields = {"spec.clusterIP", "spec.type"};
  kind.field_value = [](const json& object, const std::string& field) {
    return StringAt(FindOrEmpty(object, "spec"), field.c_str() + sizeof("spec.") - 1);
  };
  return kind;
}

}  // namespace kless::kubernetes
