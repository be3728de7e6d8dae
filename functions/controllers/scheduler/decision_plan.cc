#include "functions/controllers/scheduler/decision_plan.h"

#include <utility>

#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/scheduler/messages.h"
#include "functions/controllers/scheduler/pod_edits.h"

namespace kless::controllers::scheduler {

namespace {

EventNote Note(SchedulerEvent event, EventTarget about) {
  EventNote note;
  note.type = std::move(event.type);
  note.reason = std::move(event.reason);
  note.message = std::move(event.note);
  note.action = std::move(event.action);
  note.about = std::move(about);
  return note;
}

}  // namespace

EventTarget PodTarget(const ResourceId& pod, const std::string& uid, std::uint64_t version) {
  const auto slash = pod.name.find('/');
  return {"v1", "Pod", pod.name.substr(0, slash), pod.name.substr(slash + 1), uid, version};
}

EventNote BindingNote(const Decision& decision) {
  return Note(ScheduledEvent(decision.pod.name, decision.node),
              PodTarget(decision.pod, decision.uid, decision.version));
}

Plan FailurePlan(const Decision& decision, std::int64_t unix_nanos) {
  Plan plan;
  Edit condition;
  condition.apply = [message = decision.message, nominated = decision.nominated_node,
                     unix_nanos](const std::string& document) {
    return MarkUnschedulable(document, message, nominated, unix_nanos);
  };
  plan.batches.push_back(
      {{{.id = decision.pod,
         .change = std::move(condition),
         .on_success = Note(FailedSchedulingEvent(decision.message),
                            PodTarget(decision.pod, decision.uid, decision.version))}}});
  Batch marks, deletions;
  for (const Victim& victim : decision.victims) {
    Edit mark;
    mark.apply = [unix_nanos](const std::string& document) {
      return MarkPreempted(document, unix_nanos);
    };
    marks.writes.push_back({.id = victim.pod, .change = std::move(mark)});
    Write deletion = DeletionOf(victim.pod, victim.uid, Deletion::Propagation::kBackground);
    deletion.on_success = Note(PreemptedEvent(decision.uid, decision.nominated_node.value_or("")),
                               PodTarget(victim.pod, victim.uid, victim.version));
    deletions.writes.push_back(std::move(deletion));
  }
  if (!marks.writes.empty()) plan.batches.push_back(std::move(marks));
  if (!deletions.writes.empty()) plan.batches.push_back(std::move(deletions));
  return plan;
}

}  // namespace kless::controllers::scheduler
