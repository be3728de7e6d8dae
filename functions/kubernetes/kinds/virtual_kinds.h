// Kinds whose objects are never stored: a POST returns what the server computes from them.
#pragma once

#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

const std::vector<Kind>& VirtualKinds();

}  // namespace kless::kubernetes
