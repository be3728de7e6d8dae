// The scheduler's messages and events (reference SC section 3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "functions/controllers/scheduler/filters.h"

namespace kless::controllers::scheduler {

constexpr const char* kNoNodesMessage = "no nodes available to schedule pods";
constexpr const char* kNotHelpful = "Preemption is not helpful for scheduling";
constexpr const char* kNoVictims = "No preemption victims found for incoming pod";

// The texts that a node contributes: one, or several for NodeResourcesFit.
std::vector<std::string> TextsOf(const NodeStatus& status, const PodShape& shape);

using TextCounts = std::map<std::string, std::size_t>;
// Formats "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) ....".
std::string NodesMessage(std::size_t nodes, const TextCounts& counts);
// Formats "0/3 nodes are available: pod affinity terms conflict. not found".
std::string PreFilterMessage(std::size_t nodes, const std::string& problem);
// Appends "no new claims to deallocate, preemption: ..." to a NodesMessage.
std::string WithPreemption(const std::string& message, const std::string& preemption);

// The note of an Event: if it exceeds 1024 bytes, the first 1020 and " ...".
std::string EventNoteText(const std::string& message);

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
