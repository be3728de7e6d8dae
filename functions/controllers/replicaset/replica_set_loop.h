// The ReplicaSet controller (reference RS): keeps the number of pods at spec.replicas.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop ReplicaSetLoop();

}  // namespace kless::controllers
