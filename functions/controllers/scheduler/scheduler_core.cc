#include "functions/controllers/scheduler/scheduler_core.h"

#include <utility>

#include "functions/controllers/scheduler/messages.h"
#include "functions/controllers/scheduler/preemption.h"

namespace kless::controllers::scheduler {

namespace {

ResourceId PodId(const PodRecord& pod) { return {"pod", pod.name}; }

}  // namespace

SchedulerCore::SchedulerCore(SchedulerOptions options)
    : options_(std::move(options)), cluster_(std::make_unique<Cluster>()) {}

void SchedulerCore::MoveAll(const ClusterEvent& event, std::int64_t now) {
  // Most events concern a plugin that has rejected no one.  This test keeps their cost independent
  // of how many pods wait.
  if (!queue_.AnyRejectedBy(Listeners(event.kind))) return;
  for (PodRecord* waiting : queue_.Unschedulable()) {
    if (MayHelp(*cluster_, event, *waiting)) queue_.Wake(*waiting, now);
  }
}

void SchedulerCore::SetNomination(PodRecord& pod, std::optional<std::string> node,
                                  Decision& decision) {
  // No value means that the attempt says nothing about the nomination; an empty name takes it away.
  if (!node) return;
  cluster_->Nominate(pod, node->empty() ? nullptr : &cluster_->NodeNamed(*node));
  decision.nominated_node = std::move(node);
}

void SchedulerCore::Say(PodRecord& pod, Decision& decision) {
  // The pod's condition has this text already, unless that write was lost.  Only the driver can
  // know, so the decision is made all the same and marked as a repetition.
  decision.repeats_message = pod.last_message != nullptr && *pod.last_message == decision.message;
  if (decision.repeats_message) return;
  // Pods of one shape share the text.
  if (said_ == nullptr || *said_ != decision.message) {
    said_ = std::make_shared<const std::string>(decision.message);
  }
  pod.last_message = said_;
}

bool SchedulerCore::RepeatsFailure(const PodRecord& pod) const {
  // Every condition here is an input of the attempt.  The generation stands for the whole cluster,
  // so any change of it makes the next attempt a real one; a nominated pod sees its own node
  // differently from others of its shape.
  return failure_ && failure_->shape == pod.shape && failure_->priority == pod.priority &&
         failure_->may_preempt == pod.may_preempt &&
         failure_->generation == cluster_->generation() && pod.nominated == nullptr;
}

void SchedulerCore::Fail(PodRecord& pod, const Attempt& attempt, std::int64_t now,
                         Decision& decision) {
  const std::size_t nodes = cluster_->nodes().size();
  // No eviction cures a problem that holds for all nodes, so preemption is not tried.
  if (!attempt.prefilter_problem().empty()) {
    decision.message = PreFilterMessage(nodes, attempt.prefilter_problem());
    SetNomination(pod, "", decision);
    queue_.AddUnschedulable(pod, attempt.rejectors(), now);
    return;
  }
  TextCounts counts;
  // Most nodes have the same status: equal ones are counted before texts are made.
  std::map<std::tuple<Plugin, unsigned char, std::uint64_t>, std::size_t> by_status;
  for (const NodeStatus& status : attempt.statuses()) {
    ++by_status[{status.plugin, status.reasons, status.extended}];
  }
  for (const auto& [key, count] : by_status) {
    const NodeStatus status{std::get<0>(key), false, std::get<1>(key), std::get<2>(key)};
    for (const std::string& text : TextsOf(status, *pod.shape)) counts[text] += count;
  }
  decision.message = NodesMessage(nodes, counts);
  const Preemption preemption = Preempt(*cluster_, pod, attempt, now);
  if (preemption.kind == Preemption::Kind::kNominated) {
    SetNomination(pod, preemption.node->name, decision);
    for (const PodRecord* victim : preemption.victims) {
      // It was counted as a victim because its room is still taken, but it needs no second
      // eviction.
      if (victim->fields->deleting) continue;
      decision.victims.push_back({PodId(*victim), victim->uid(), victim->version});
    }
  } else {
    decision.message = WithPreemption(decision.message, preemption.message);
    // A pod that may not preempt now keeps its nomination: the victims of its last attempt may
    // still be ending.
    const bool clears = preemption.kind == Preemption::Kind::kNone;
    const bool repeatable = attempt.depends_on_shape_only();
    if (clears) SetNomination(pod, "", decision);
    if (repeatable) {
      failure_ =
          Failure{pod.shape,        pod.priority,        pod.may_preempt, cluster_->generation(),
                  decision.message, attempt.rejectors(), clears};
    }
  }
  queue_.AddUnschedulable(pod, attempt.rejectors(), now);
}

std::optional<Decision> SchedulerCore::Next(std::int64_t now) {
  PodRecord* pod = queue_.Pop(now);
  if (pod == nullptr) return std::nullopt;
  Decision decision;
  decision.pod = PodId(*pod);
  decision.uid = pod->uid();
  decision.version = pod->version;
  // Rejected by no plugin, the pod waits as after an error: its back-off brings it back, and no
  // hint has to know of this case.
  if (cluster_->nodes().empty()) {
    decision.message = kNoNodesMessage;
    Say(*pod, decision);
    SetNomination(*pod, "", decision);
    queue_.AddUnschedulable(*pod, 0, now);
    return decision;
  }
  if (RepeatsFailure(*pod)) {
    decision.message = failure_->message;
    Say(*pod, decision);
    if (failure_->clears_nomination) decision.nominated_node = "";
    queue_.AddUnschedulable(*pod, failure_->rejectors, now);
    return decision;
  }
  Attempt attempt(*cluster_, *pod, results_, next_start_);
  NodeState* node = attempt.Run(options_.record_scores ? &decision.scores : nullptr);
  if (node == nullptr) {
    Fail(*pod, attempt, now, decision);
    Say(*pod, decision);
    return decision;
  }
  decision.kind = Decision::Kind::kBind;
  decision.node = node->name;
  cluster_->Nominate(*pod, nullptr);
  // The pod occupies its place from now on, although the binding is still to be written: the next
  // attempt must not give the place away.  Undo takes it back.
  cluster_->Place(*pod, *node);
  pod->queued.place = QueuePlace::kAssumed;
  return decision;
}

void SchedulerCore::Undo(const std::string& pod_name, const std::string& uid, std::int64_t now) {
  PodRecord* pod = cluster_->FindPod(pod_name);
  // A binding is reported in a later step than it was decided.  By then the pod may be gone,
  // replaced under its name, or bound after all.
  if (pod == nullptr || pod->uid() != uid || pod->queued.place != QueuePlace::kAssumed) return;
  cluster_->Displace(*pod);
  // The pod backs off as after an error, and the event that follows does not wake it: it had a
  // place, and something other than room made its binding fail.
  queue_.AddError(*pod, now);
  ClusterEvent event{ClusterEvent::Kind::kPodRemoved};
  event.pod = pod;
  MoveAll(event, now);
}

void SchedulerCore::PreemptionFailed(const std::string& pod_name, const std::string& uid,
                                     std::int64_t now) {
  PodRecord* pod = cluster_->FindPod(pod_name);
  if (pod == nullptr || pod->uid() != uid || pod->nominated == nullptr) return;
  cluster_->Nominate(*pod, nullptr);
  queue_.Activate(*pod);
  ClusterEvent event{ClusterEvent::Kind::kPodRemoved};
  event.pod = pod;
  MoveAll(event, now);
}

Labels SchedulerCore::TopologyLabels(const std::string& node) const {
  Labels topology;
  const NodeState* state = cluster_->FindNode(node);
  if (state == nullptr || state->facts == nullptr) return topology;
  for (const char* key : {"topology.kubernetes.io/region", "topology.kubernetes.io/zone"}) {
    const std::string* value = FindLabel(state->facts->labels(), key);
    if (value != nullptr) topology.emplace_back(key, *value);
  }
  return topology;
}

}  // namespace kless::controllers::scheduler
