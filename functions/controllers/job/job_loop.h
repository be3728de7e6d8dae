// The Job controller as a control loop whose owners keep promises: Jobs and their pods.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop JobLoop();

}  // namespace kless::controllers
