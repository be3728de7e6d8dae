// The kinds that have paths of their own: those of the registry, and views of them.
#pragma once

#include <vector>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

// Kinds that show the objects of another kind of the registry by other names: they have its
// `type`, and from_stored and to_stored between the two.  Control loops do not see them.
const std::vector<Kind>& ViewKinds();

// Kinds(), then ViewKinds(); in the order of discovery.
const std::vector<const Kind*>& ServedKinds();

// Event of events.k8s.io/v1: core events by their newer names.
Kind EventViewKind();

}  // namespace kless::kubernetes
