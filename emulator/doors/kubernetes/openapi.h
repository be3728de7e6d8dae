// /openapi/v3 and /openapi/v2: made when they are first asked for.
#pragma once

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes/custom_kinds.h"

namespace kless::doors {

// `custom` outlives the router's use of it.
void RegisterOpenApi(Router& router, CustomKinds& custom);

}  // namespace kless::doors
