// The kinds that have paths of their own: the registered ones, and views of them.
#pragma once

#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// Kinds that show the objects of another registered kind with other names: they have its `type`,
// and from_stored and to_stored convert between the two.  Control loops do not see them.
const std::vector<Kind>& ViewKinds();

// Kinds(), then ViewKinds(), in the order of discovery.
const std::vector<const Kind*>& ServedKinds();

// Event of events.k8s.io/v1: core events with newer field names.
Kind EventViewKind();

}  // namespace kless::kubernetes
