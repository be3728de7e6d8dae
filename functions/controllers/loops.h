// The list of the control loops: a new loop is one entry in loops.cc.
#pragma once

#include <vector>

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

// Every loop: the Job controller, the scheduler, then the others.
const std::vector<ControlLoop>& ControlLoops();

}  // namespace kless::controllers
