// The ReplicaSet controller (reference RS): keeps as many pods as spec.replicas asks for.
#pragma once

#include "functions/controllers/control_loop.h"

namespace kless::controllers {

ControlLoop ReplicaSetLoop();

}  // namespace kless::controllers
