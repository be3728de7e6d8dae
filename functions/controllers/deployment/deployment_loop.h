// The Deployment controller (reference DP): one ReplicaSet per revision of the template, and
// rollouts between them.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop DeploymentLoop();

}  // namespace kless::controllers
