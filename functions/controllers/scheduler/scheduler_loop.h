// The scheduler as a control loop with a view: a SchedulerCore and the plans for its decisions.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers::scheduler {

ControlLoop SchedulerLoop();

}  // namespace kless::controllers::scheduler
