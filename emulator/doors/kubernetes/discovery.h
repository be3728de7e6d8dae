// Discovery: which groups, versions and resources there are, the version, and health.
#pragma once

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes/custom_kinds.h"

namespace kless::doors {

// Adds /api, /apis and below, /version, /healthz, /livez and /readyz.
// `custom` outlives the router's use of it.
void RegisterDiscovery(Router& router, CustomKinds& custom);

}  // namespace kless::doors
