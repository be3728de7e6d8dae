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
// The node lifecycle controller assumes that a node with this annotation is alive, although its
// lease is not renewed.
constexpr const char* kHeartbeatsAnnotation = "kless.dev/heartbeats";

struct NodeIdentity {
  std::string name;
  std::string zone;  // "zone-a"
  std::string ip;
  std::string pod_cidr;
};

// "node-007" of 1,000: the names in one world sort by number.
NodeIdentity IdentityOf(const DataPlaneConfig& config, int index);

std::string NewNode(const DataPlaneConfig& config, const NodeIdentity& identity,
                    const std::string& uid, std::int64_t unix_nanos);
// The node as a kubelet posts it: Ready, with current heartbeats; spec, labels and everything else
// stay. nullopt if it is not a JSON object.
std::optional<std::string> PostedNode(const std::string& document, const DataPlaneConfig& config,
                                      const NodeIdentity& identity, std::int64_t unix_nanos);
// Removes the annotation, so that the lease counts from now on; nullopt if it is not a JSON object.
std::optional<std::string> WithoutHeartbeatsAnnotation(const std::string& document);

std::string NewLease(const std::string& node, const std::string& node_uid, const std::string& uid,
                     std::int64_t unix_nanos);
std::string RenewedLease(const std::string& document, const std::string& node,
                         std::int64_t unix_nanos);

}  // namespace kless::data_plane
