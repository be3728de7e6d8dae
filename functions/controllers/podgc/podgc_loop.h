// The pod garbage collector: it removes pods of nodes that are gone, deleted pods that were never
// bound, and finished pods beyond a threshold.  Reference controllers.md PG1 to PG6.
//
// Kubernetes sweeps all pods every 20 s from its start.  Here the sweeps are at multiples of 20 s
// of the Unix time, and only while something waits for one.  Keys:
//   node/<name>             pods of a node that is missing or out of service
//   pod/<namespace>/<name>  a pod that is being deleted and was never bound
//   finished                the threshold: looked at by the first sweep after a pod ended
#pragma once

#include <cstdint>

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

// Kubernetes v1.36 --terminated-pod-gc-threshold; values <= 0 disable it.
constexpr std::int64_t kTerminatedPodThreshold = 12500;

ControlLoop PodGcLoop(std::int64_t terminated_pod_threshold = kTerminatedPodThreshold);

}  // namespace kless::controllers
