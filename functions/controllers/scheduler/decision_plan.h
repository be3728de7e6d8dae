// Converts a scheduling decision into a plan.
#pragma once

#include <memory>

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/scheduler/scheduler_core.h"

namespace kless::controllers::scheduler {

// "default-scheduler": the component of its events.
constexpr const char* kSchedulerComponent = "default-scheduler";

EventTarget PodTarget(const ResourceId& pod, const std::string& uid, std::uint64_t version);

// The binding of a kBind decision as an edit of the pod.  `*done` (kept alive by the write) becomes
// true once the edit has run and had something to write.
Write BindingWrite(const SchedulerCore& core, const Decision& decision, std::int64_t unix_nanos,
                   std::shared_ptr<bool> done);
EventNote BindingNote(const Decision& decision);

// For kUnschedulable: the condition and the nomination, then for each victim its condition and a
// deletion with its own grace.  Every event refers to its own pod.
Plan FailurePlan(const Decision& decision, std::int64_t unix_nanos);

}  // namespace kless::controllers::scheduler
