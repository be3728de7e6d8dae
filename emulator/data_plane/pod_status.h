// The status of a pod as a kubelet of Kubernetes 1.36 writes it, from the state in memory.
//
// Resources, user and volumeMounts of containers are omitted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/data_plane/pod.h"

namespace kless::data_plane {

// The inputs of a status other than the pod.
struct StatusContext {
  std::string pod_name;  // "namespace/name"
  std::string pod_ip;
  std::string host_ip;
  std::int64_t generation = 0;  // metadata.generation; 0: none
  std::int64_t unix_nanos = 0;
  // The spec in the document, for the QoS class of a pod whose status has none.
  std::string_view spec;
};

// `old` is the status in the document, or "".  Members and conditions of other writers are kept; an
// unchanged condition keeps its transition time.
std::string RenderPodStatus(const Pod& pod, std::string_view old, const StatusContext& context);

// "kless://" and 64 hexadecimal digits, of which the first 16 are the start in nanoseconds, so that
// a restarted daemon knows exactly when a container started.
std::string ContainerId(const Pod& pod, const std::string& container, int restarts,
                        std::int64_t started_at);
std::optional<std::int64_t> StartOfContainerId(std::string_view id);

}  // namespace kless::data_plane
