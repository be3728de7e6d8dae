// Namespaces: the objects that each one has from the start, and the deletion of namespaces.
// Reference controllers.md NS1 to NS14.
//
// Keys: "defaults/<namespace>" (ServiceAccount and root certificate) and "deletion/<namespace>". A
// pass of the deletion runs 5 s after a record of the namespace, and when an earlier pass expects
// that the content is gone: the memo is that instant, in Unix nanoseconds.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop NamespaceLoop();

}  // namespace kless::controllers
