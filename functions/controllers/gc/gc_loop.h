// The garbage collector deletes objects whose owners are gone.  Reference controllers.md GC1 to
// GC22.  Kubernetes keeps a graph of all objects in memory; here the table's owner index is the
// graph, and each reconcile handles one owner.
//
// Keys: "<why> <uid> <type> <resource name>" of an owner.  The coordinates are those that a
// dependent names, so the owner may exist there, elsewhere, or nowhere.
// The type of an owner whose kind is not built in is "<apiVersion>/<kind>": which it is, the
// reconcile finds among the CustomResourceDefinitions.
//   look    a dependent appeared: is there such an owner?  (GC10, GC15; GC7: an owner that waits
//           for its dependents does not take new ones along before the others are gone)
//   work    the owner itself or its dependents changed: it is gone, waits for its dependents, or
//           is to leave them as orphans
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop GarbageCollectorLoop();

}  // namespace kless::controllers
