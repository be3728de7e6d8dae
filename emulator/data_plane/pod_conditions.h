// The conditions of a pod that a kubelet writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/data_plane/pod.h"

namespace kless::data_plane {

// Whether the pod has, or had, a network of its own: a container was started, or an image pull was
// tried.
bool HasSandbox(const Pod& pod);

// Appends the JSON list.  `old` is the list in the document, whose conditions of other writers are
// kept at the end. generation 0 omits observedGeneration.
void AppendConditions(const Pod& pod, std::string_view old, std::int64_t generation,
                      std::int64_t unix_nanos, std::string& out);

}  // namespace kless::data_plane
