// Namespaces: what each one has from the start, and the end of those that are being deleted.
// Reference controllers.md NS1 to NS14.
//
// Keys: "defaults/<namespace>" (ServiceAccount and root certificate) and "deletion/<namespace>".
// The deletion is worked on 5 s after a record of the namespace and when an earlier pass expects
// that its content has gone: its memo is that instant, in Unix nanoseconds.
#pragma once

#include "functions/controllers/control_loop.h"

namespace kless::controllers {

ControlLoop NamespaceLoop();

}  // namespace kless::controllers
