// The scheduler's edits of pod documents: binding, conditions, nomination.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "functions/controllers/scheduler/label_terms.h"

namespace kless::controllers::scheduler {

// Each edit returns the new document, or nullopt if there is nothing (more) to write: the document
// is not a JSON object, or as described below. metadata.generation stays.

// Binds like the API server: sets spec.nodeName and PodScheduled=True, clears nominatedNodeName,
// and copies the node's topology labels to the pod (reference CM12; existing labels are
// overwritten). nullopt: the pod is bound, gated, being deleted, or terminal.  Canonical documents
// are edited without being parsed.
std::optional<std::string> BindPod(const std::string& document, const std::string& node,
                                   const Labels& topology_labels, std::int64_t unix_nanos);

// Sets PodScheduled=False with reason Unschedulable.  `nominated_node` is as in Decision. nullopt:
// the pod is bound, being deleted or terminal, or nothing would change.
std::optional<std::string> MarkUnschedulable(const std::string& document,
                                             const std::string& message,
                                             const std::optional<std::string>& nominated_node,
                                             std::int64_t unix_nanos);

// Sets DisruptionTarget=True on a victim. nullopt: the pod is being deleted, terminal, or already
// marked.
std::optional<std::string> MarkPreempted(const std::string& document, std::int64_t unix_nanos);

}  // namespace kless::controllers::scheduler
