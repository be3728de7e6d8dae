// The kinds of the registry, one file each.
#pragma once

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

Kind NamespaceKind();
Kind JobKind();
Kind PodKind();
Kind EventKind();

}  // namespace kless::kubernetes
