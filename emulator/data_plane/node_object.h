// Documents of simulated nodes and of their leases.  No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/data_plane/data_plane_config.h"

namespace kless::data_plane {

constexpr const char* kNodeType = "node";
constexpr const char* kLeaseType = "lease";
constexpr const char* kLeaseNamespace = "kube-node-lease";
// On a node whose lease nobody renews: the node lifecycle controller takes it as alive.
constexpr const char* kHeartbeatsAnnotation = "kless.dev/heartbeats";

struct NodeIdentity {
  std::string name;
  std::string zone;  // "zone-a"
  std::string ip;
  std::string pod_cidr;
};

// "node-007" of 1,000: all names of one world sort by number.
NodeIdentity IdentityOf(const DataPlaneConfig& config, int index);
// Of the pod network 10.0.0.0/8: 256 addresses for each of at most 65,536 nodes.
std::string PodIp(int node, int slot);

std::string NewNode(const DataPlaneConfig& config, const NodeIdentity& identity,
                    const std::string& uid, std::int64_t unix_nanos);
// What a kubelet posts: Ready, with heartbeats of now; spec, labels and all else stay.  nullopt: no
// JSON object.
std::optional<std::string> PostedNode(const std::string& document, const DataPlaneConfig& config,
                                      const NodeIdentity& identity, std::int64_t unix_nanos);
// The lease counts from now on; nullopt: no JSON object.
std::optional<std::string> WithoutHeartbeatsAnnotation(const std::string& document);

std::string NewLease(const std::string& node, const std::string& node_uid, const std::string& uid,
                     std::int64_t unix_nanos);
std::string RenewedLease(const std::string& document, const std::string& node,
                         std::int64_t unix_nanos);

}  // namespace kless::data_plane
