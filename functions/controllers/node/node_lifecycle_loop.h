// The node lifecycle controller: taints that follow a node's conditions, supervision of its
// heartbeats, and NoExecute taints zone by zone.  Reference controllers.md NL1 to NL7, NL10, NL13
// to NL18, NL21, NL22; scheduler.md SC12 to SC14, SC19.
//
// Kubernetes checks all nodes every 5 s from its start.  Here these ticks are at multiples of 5 s
// of the Unix time, and only while something waits for one.  Keys:
//   node/<name>  one node; memo "<state> <tick in Unix nanoseconds> <uid>"
//   zones        NoExecute taints of all nodes (zones.h) A node with the annotation
//   kless.dev/heartbeats: "off" has no kubelet that renews its lease; it is never declared dead.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

constexpr std::int64_t kNodeMonitorNanos = 5'000'000'000;  // --node-monitor-period
constexpr const char* kHeartbeatsAnnotation = "kless.dev/heartbeats";

ControlLoop NodeLifecycleLoop();

}  // namespace kless::controllers
