// Services, and their endpoints.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::size_t kShown = 3;  // number of endpoints and ports shown

std::vector<std::string> Strings(const json* array) {
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < SizeOf(array); ++i) {
    if ((*array)[i].is_string()) strings.push_back((*array)[i].get<std::string>());
  }
  return strings;
}

std::string Address(const std::string& ip, std::int64_t port) {
  const bool six = ip.find(':') != std::string::npos;
  return (six ? "[" + ip + "]" : ip) + ":" + std::to_string(port);
}

std::string ClusterIp(const json& service) {
  const auto addresses = Strings(Find(service, {"spec", "clusterIPs"}));
  if (!addresses.empty()) return addresses[0];
  return OrNone(StringAt(service, {"spec", "clusterIP"}));
}

std::string ExternalIp(const json& service) {
  const std::string type = StringAt(service, {"spec", "type"});
  if (type == "ExternalName") return StringAt(service, {"spec", "externalName"});
  std::vector<std::string> addresses;
  if (type == "LoadBalancer") {
    const json* ingress = Find(service, {"status", "loadBalancer", "ingress"});
    for (std::size_t i = 0; i < SizeOf(ingress); ++i) {
      const std::string ip = StringAt((*ingress)[i], "ip");
      addresses.push_back(ip.empty() ? StringAt((*ingress)[i], "hostname") : ip);
    }
  }
  for (auto& address : Strings(Find(service, {"spec", "externalIPs"}))) {
    addresses.push_back(std::move(address));
  }
  return OrNone(Joined(addresses), type == "LoadBalancer" ? "<pending>" : "<none>");
}

std::string ServicePorts(const json& service) {
  std::vector<std::string> parts;
  const json* ports = Find(service, {"spec", "ports"});
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    const json& port = (*ports)[i];
    std::string text = std::to_string(IntegerAt(port, "port").value_or(0));
    if (const auto node_port = IntegerAt(port, "nodePort"))
      text += ":" + std::to_string(*node_port);
    parts.push_back(text + "/" + StringAt(port, "protocol"));
  }
  return OrNone(Joined(parts));
}

std::string EndpointsText(const json& endpoints) {
  std::vector<std::string> parts;
  const json* subsets = Find(endpoints, "subsets");
  for (std::size_t i = 0; i < SizeOf(subsets); ++i) {
    const json* ports = Find((*subsets)[i], "ports");
    const json* addresses = Find((*subsets)[i], "addresses");
    for (std::size_t j = 0; j < SizeOf(ports); ++j) {
      for (std::size_t k = 0; k < SizeOf(addresses); ++k) {
        parts.push_back(
            Address(StringAt((*addresses)[k], "ip"), IntegerAt((*ports)[j], "port").value_or(0)));
      }
    }
  }
  return OrNone(Shortened(parts, kShown));
}

std::string SlicePorts(const json& slice) {
  std::vector<std::string> parts;
  const json* ports = Find(slice, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    const auto port = IntegerAt((*ports)[i], "port");
    parts.push_back(port ? std::to_string(*port) : OrNone(StringAt((*ports)[i], "name"), "*"));
  }
  return OrNone(Shortened(parts, kShown), "<unset>");
}

std::string SliceEndpoints(const json& slice) {
  std::vector<std::string> parts;
  const json* endpoints = Find(slice, "endpoints");
  for (std::size_t i = 0; i < SizeOf(endpoints); ++i) {
    for (auto& address : Strings(Find((*endpoints)[i], "addresses"))) {
      parts.push_back(std::move(address));
    }
  }
  return OrNone(Shortened(parts, kShown), "<unset>");
}

}  // namespace

void AddNetworkColumns(ColumnLists& lists) {
  lists["Service"] = {NameColumn(),
                      TextColumn("Type", "How the service is reached.", {"spec", "type"}, ""),
                      TextColumn("Cluster-IP", "Its address inside the cluster.", ClusterIp),
                      TextColumn("External-IP", "Its addresses outside.", ExternalIp),
                      TextColumn("Port(s)", "Its ports.", ServicePorts),
                      AgeColumn(),
                      TextColumn(
                          "Selector", "Labels of the pods behind it.",
                          [](const json& service) {
                            return LabelsText(FindOrEmpty(service, {"spec", "selector"}));
                          },
                          1)};
  lists["Endpoints"] = {
      NameColumn(), TextColumn("Endpoints", "Addresses and ports.", EndpointsText), AgeColumn()};
  lists["EndpointSlice.discovery.k8s.io"] = {
      NameColumn(), TextColumn("AddressType", "Kind of its addresses.", {"addressType"}, ""),
      TextColumn("Ports", "Ports of its endpoints.", SlicePorts),
      TextColumn("Endpoints", "Addresses of its endpoints.", SliceEndpoints), AgeColumn()};
}

}  // namespace kless::kubernetes
