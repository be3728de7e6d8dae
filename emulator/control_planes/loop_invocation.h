// LoopInvocation: what an invocation of a control loop's function works with.
#pragma once

#include <memory>

#include "functions/controllers/loop/control_loop.h"
#include "functions/controllers/loop/event_recorder.h"
#include "functions/pool/function.h"
#include "functions/pool/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

// All references outlive the invocation.
struct LoopInvocation {
  const controllers::ControlLoop& loop;
  const ResourceTable& resources;  // for its key layout: the invocation's store client reads
  const LatencyProfile& profile;
  std::shared_ptr<InvocationContext> context;
  controllers::EventRecorder& recorder;  // in the memory of the environment
};

}  // namespace kless::control_planes
