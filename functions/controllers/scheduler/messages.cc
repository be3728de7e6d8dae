#include "functions/controllers/scheduler/messages.h"

#include <algorithm>

namespace kless::controllers::scheduler {

namespace {

constexpr std::size_t kNoteBytesMax = 1024;

std::string FirstText(const NodeStatus& status) {
  switch (status.plugin) {
    case Plugin::kNodeUnschedulable:
      return "node(s) were unschedulable";
    case Plugin::kTaintToleration:
      return "node(s) had untolerated taint(s)";
    case Plugin::kNodeAffinity:
      return status.reasons == kNotNamed ? "node(s) didn't satisfy plugin(s) [NodeAffinity]"
                                         : "node(s) didn't match Pod's node affinity/selector";
    case Plugin::kNodePorts:
      return "node(s) didn't have free ports for the requested pod ports";
    case Plugin::kPodTopologySpread: {
      const std::string text = "node(s) didn't match pod topology spread constraints";
      return status.reasons == kNoTopologyLabel ? text + " (missing required label)" : text;
    }
    case Plugin::kInterPodAffinity:
      if (status.reasons == kNoAffinity) return "node(s) didn't match pod affinity rules";
      if (status.reasons == kAntiAffinity) return "node(s) didn't match pod anti-affinity rules";
      return "node(s) didn't satisfy existing pods anti-affinity rules";
    case Plugin::kNone:
    case Plugin::kNodeResourcesFit:
    case Plugin::kVolumeBinding:
      break;
  }
  return "";
}

}  // namespace

std::vector<std::string> TextsOf(const NodeStatus& status, const PodShape& shape) {
  if (status.plugin != Plugin::kNodeResourcesFit) return {FirstText(status)};
  std::vector<std::string> texts;
  if (status.reasons & kTooManyPods) texts.push_back("Too many pods");
  if (status.reasons & kNoCpu) texts.push_back("Insufficient cpu");
  if (status.reasons & kNoMemory) texts.push_back("Insufficient memory");
  if (status.reasons & kNoStorage) texts.push_back("Insufficient ephemeral-storage");
  const auto& extended = shape.request.extended;
  for (std::size_t i = 0; i < std::min<std::size_t>(extended.size(), 64); ++i) {
    if (status.extended >> i & 1) texts.push_back("Insufficient " + extended[i].first);
  }
  return texts;
}

std::string NodesMessage(std::size_t nodes, const TextCounts& counts) {
  std::vector<std::string> reasons;
  for (const auto& [text, count] : counts) reasons.push_back(std::to_string(count) + " " + text);
  std::sort(reasons.begin(), reasons.end());
  std::string message = "0/" + std::to_string(nodes) + " nodes are available: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) message += ", ";
    message += reasons[i];
  }
  return message + ".";
}

std::string PreFilterMessage(std::size_t nodes, const std::string& problem) {
  return "0/" + std::to_string(nodes) + " nodes are available: " + problem + ". not found";
}

std::string WithPreemption(const std::string& message, const std::string& preemption) {
  return message + " no new claims to deallocate, preemption: " + preemption;
}

std::string EventNoteText(const std::string& message) {
  if (message.size() <= kNoteBytesMax) return message;
  return message.substr(0, kNoteBytesMax - 4) + " ...";
}

SchedulerEvent ScheduledEvent(std::string_view pod_name, std::string_view node) {
  return {"Normal", "Scheduled", "Binding",
          "Successfully assigned " + std::string(pod_name) + " to " + std::string(node)};
}

SchedulerEvent FailedSchedulingEvent(const std::string& message) {
  return {"Warning", "FailedScheduling", "Scheduling", EventNoteText(message)};
}

SchedulerEvent PreemptedEvent(std::string_view preemptor_uid, std::string_view node) {
  return {"Normal", "Preempted", "Preempting",
          "Preempted by pod " + std::string(preemptor_uid) + " on node " + std::string(node)};
}

}  // namespace kless::controllers::scheduler
