// The conditions of a pod that a kubelet writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/data_plane/pod.h"

namespace kless::data_plane {

// The pod has a network of its own, or had one: something was started, or an image was tried.
bool HasSandbox(const Pod& pod);

// Appends the JSON list.  `old`: the list in the document; conditions of others are kept behind.
// generation: 0 leaves out observedGeneration.
void AppendConditions(const Pod& pod, std::string_view old, std::int64_t generation,
                      std::int64_t unix_nanos, std::string& out);

}  // namespace kless::data_plane
