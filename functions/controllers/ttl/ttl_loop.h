// The TTL-after-finished controller: deletes a finished Job ttlSecondsAfterFinished after its end.
// Reference controllers.md TT1 to TT8.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop TtlLoop();

}  // namespace kless::controllers
