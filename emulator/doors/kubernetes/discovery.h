// Discovery: which groups, versions and resources there are, the version, and health.
#pragma once

#include "emulator/base/router.h"

namespace kless::doors {

// Adds /api, /apis and below, /version, /healthz, /livez and /readyz.
void RegisterDiscovery(Router& router);

}  // namespace kless::doors
