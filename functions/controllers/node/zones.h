// NoExecute taints: nodes that are not ready get theirs zone by zone, at the rate that the state of
// the zone allows (NL5, NL6, NL10, NL14 to NL18, NL21, NL22).
#pragma once

#include <string>

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/world.h"

namespace kless::controllers {

// Handles all nodes.  The memo holds each zone's state and rate limiter, and which nodes wait for a
// taint.
Plan ReconcileZones(const std::string& memo, World& world);

}  // namespace kless::controllers
