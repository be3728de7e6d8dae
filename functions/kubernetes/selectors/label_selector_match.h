// Matches LabelSelector objects ({"matchLabels":{},"matchExpressions":[]}) against label maps.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace kless::kubernetes {

// Like metav1.LabelSelectorAsSelector: a null selector matches nothing, an empty one everything.
// `labels` may be null.
bool MatchesLabels(const nlohmann::json* selector, const nlohmann::json* labels);

}  // namespace kless::kubernetes
