// Discovery: the groups, versions and resources, the version, and health.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/discovery/custom_kinds.h"

namespace kless::doors {

// Adds /api, /apis and below, /version, /healthz, /livez and /readyz.  `custom` must outlive the
// router's use of it.
void RegisterDiscovery(Router& router, CustomKinds& custom);

}  // namespace kless::doors
