// /openapi/v3 and /openapi/v2, which are generated on first use.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/discovery/custom_kinds.h"

namespace kless::doors {

// `custom` must outlive the router's use of it.
void RegisterOpenApi(Router& router, CustomKinds& custom);

}  // namespace kless::doors
