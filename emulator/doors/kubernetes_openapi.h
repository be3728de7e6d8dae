// /openapi/v3 and /openapi/v2: made when they are first asked for.
#pragma once

#include "emulator/base/router.h"

namespace kless::doors {

void RegisterOpenApi(Router& router);

}  // namespace kless::doors
