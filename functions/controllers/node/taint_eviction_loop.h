// Taint eviction: pods are evicted from a node with NoExecute taints when their tolerations end.
// Reference controllers.md NL8 to NL10, NL19, NL20; scheduler.md SC17.
//
// Keys: names of nodes.  The memo holds when each pod's time started, while it is running.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop TaintEvictionLoop();

}  // namespace kless::controllers
