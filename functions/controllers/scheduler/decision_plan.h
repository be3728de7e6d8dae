// Converts a scheduling decision into a plan.
#pragma once

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/scheduler/scheduler_core.h"

namespace kless::controllers::scheduler {

// "default-scheduler": the component of its events.
constexpr const char* kSchedulerComponent = "default-scheduler";

EventTarget PodTarget(const ResourceId& pod, const std::string& uid, std::uint64_t version);

// What is said about the binding of a kBind decision.
EventNote BindingNote(const Decision& decision);

// For kUnschedulable: the condition and the nomination, then for each victim its condition and a
// deletion with its own grace.  Every event refers to its own pod.
Plan FailurePlan(const Decision& decision, std::int64_t unix_nanos);

}  // namespace kless::controllers::scheduler
