// The registry of kinds: every built-in kind, and how to find it.
#pragma once

#include <string_view>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// All built-in kinds, in the order of discovery.
const std::vector<Kind>& Kinds();

// Adds a kind after those of KLESS_KINDS.  For tests, from the initialiser of a static: it must be
// called before anything looks a kind up.  Returns true.
bool AddKind(Kind (*make)());

// Each returns null if there is no such kind.  The first and the last find views, too.
const Kind* FindKindByPlural(std::string_view group, std::string_view version,
                             std::string_view plural);
const Kind* FindKindByType(std::string_view type);
const Kind* FindKind(std::string_view api_version, std::string_view kind);

}  // namespace kless::kubernetes
