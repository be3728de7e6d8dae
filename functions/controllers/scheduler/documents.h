// What the scheduler writes: edits of pod documents, and the words of its Events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "functions/controllers/scheduler/label_terms.h"

namespace kless::controllers::scheduler {

// Each edit gives the new document, or nullopt where there is nothing (more) to write: no JSON
// object, or as said below.  metadata.generation stays.

// As the API server's binding: spec.nodeName, PodScheduled=True, no nominatedNodeName, and the
// node's topology labels on the pod (reference CM12; a label the pod has already is overwritten).
// nullopt: the pod is bound, gated, being deleted, or terminal.  Canonical documents are edited
// without being parsed.
std::optional<std::string> BindPod(const std::string& document, const std::string& node,
                                   const Labels& topology_labels, std::int64_t unix_nanos);

// PodScheduled=False, reason Unschedulable.  `nominated_node` as in Decision.  nullopt: the pod is
// bound, being deleted or terminal, or says all that already.
std::optional<std::string> MarkUnschedulable(const std::string& document,
                                             const std::string& message,
                                             const std::optional<std::string>& nominated_node,
                                             std::int64_t unix_nanos);

// DisruptionTarget=True of a victim.  nullopt: the pod is being deleted, terminal, or marked.
std::optional<std::string> MarkPreempted(const std::string& document, std::int64_t unix_nanos);

// An Event of reportingComponent default-scheduler.
struct SchedulerEvent {
  std::string type;    // "Normal", "Warning"
  std::string reason;  // "Scheduled"
  std::string action;  // "Binding"
  std::string note;
};
SchedulerEvent ScheduledEvent(std::string_view pod_name, std::string_view node);  // "ns/pod"
SchedulerEvent FailedSchedulingEvent(const std::string& message);  // cut to 1024 bytes
SchedulerEvent PreemptedEvent(std::string_view preemptor_uid, std::string_view node);

}  // namespace kless::controllers::scheduler
