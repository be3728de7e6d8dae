// SchedulerCore: one kube-scheduler instance (v1.36, default configuration) as plain code: the
// queue, the view of the cluster and the algorithm.  No I/O, no clock, no randomness: the same
// calls give the same answers.
//
// A driver feeds it with Observe, calls Next while HasActive, carries out each Decision, and calls
// Undo if a binding failed.  All state may be lost and rebuilt from a list: pods with
// PodScheduled=False are then tried again.  `now` and `unix_nanos` are unix nanoseconds and must
// not decrease.
//
// Differences from the real one: among equal nodes the first in search order always wins (there it
// mostly does); the dry run of preemption starts at the first node; opportunistic batching is left
// out (it can only change the second choice of a one-pod-per-node ranking); of volumes, only the
// existence and binding of claims is checked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/attempt.h"
#include "functions/controllers/scheduler/hints.h"
#include "functions/controllers/scheduler/pod_scan.h"
#include "functions/controllers/scheduler/queue.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers::scheduler {

struct SchedulerOptions {
  std::string scheduler_name = "default-scheduler";  // the scheduler name of the pods it handles
  bool record_scores = false;                        // fill Decision::scores
};

struct Victim {
  ResourceId pod;
  std::string uid;
  std::uint64_t version = 0;  // as observed
};

struct Decision {
  enum class Kind { kBind, kUnschedulable };
  Kind kind = Kind::kUnschedulable;
  ResourceId pod;
  std::string uid;
  std::uint64_t version = 0;  // the pod as observed
  // kBind: the node that the pod counts on from now on.
  std::string node;
  // kUnschedulable: the FailedScheduling note (see EventNoteText) and the message of the condition.
  std::string message;
  // The pod's last attempt since this core observed it ended with the same message, so the
  // condition already has it (unless that write was lost).
  bool repeats_message = false;
  // The new status.nominatedNodeName; nullopt: unchanged; "": cleared.
  std::optional<std::string> nominated_node;
  // Pods to evict from nominated_node, in this order: MarkPreempted, deletion with the pod's own
  // grace, Preempted event.  Pods that are being deleted already are left out.
  std::vector<Victim> victims;
  // With record_scores, for a pod with more than one feasible node: in search order.
  std::vector<ScoreLine> scores;
};

class SchedulerCore {
 public:
  explicit SchedulerCore(SchedulerOptions options = {});

  // Observes one object of a list (old_image null) or one change, in feed order.  Types: pod, node,
  // namespace, priorityclass, poddisruptionbudget, persistentvolumeclaim, service, replicaset,
  // statefulset, replicationcontroller; others are ignored, as are stale versions of pods.
  void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
               std::int64_t unix_nanos);

  // Whether Next would try a pod.
  bool HasActive(std::int64_t now) const { return queue_.HasActive(now); }
  // When HasActive becomes true if nothing happens: at the end of a back-off, or the flush of pods
  // that have been unschedulable for 5 minutes. nullopt: never.
  std::optional<std::int64_t> NextWake() const { return queue_.NextWake(); }
  // Tries the next pod; nullopt if there is none to try.
  std::optional<Decision> Next(std::int64_t now);

  // Called when the binding of a pod failed: its place is free again, and it backs off as after an
  // error.  Has no effect on a pod that is gone, bound meanwhile, or replaced by another of that
  // name.
  void Undo(const std::string& pod_name, const std::string& uid, std::int64_t now);
  // Called when an eviction for a nominated pod failed: it loses the nomination and is tried again.
  void PreemptionFailed(const std::string& pod_name, const std::string& uid, std::int64_t now);

  // The number of pods in the queue, in any place.
  std::size_t pending() const { return queue_.size(); }
  std::size_t unschedulable() const { return queue_.unschedulable_size(); }
  // The node's topology.kubernetes.io/zone and /region labels, for BindPod.
  Labels TopologyLabels(const std::string& node) const;
  const Cluster& cluster() const { return *cluster_; }

 private:
  // The last failure, which holds for every pod of the shape until the cluster changes.
  struct Failure {
    std::shared_ptr<const PodShape> shape;
    std::int64_t priority = 0;
    bool may_preempt = true;
    std::uint64_t generation = 0;
    std::string message;
    std::uint32_t rejectors = 0;
    bool clears_nomination = false;
  };

  void ObservePod(const ResourceId& id, const ItemPtr& image, std::int64_t now);
  void ObserveNode(const ResourceId& id, const ItemPtr& image, std::int64_t now);
  // The parsed image of a pod.
  struct PodImage {
    const Item* item = nullptr;
    std::shared_ptr<const ResourceFields> fields;
    std::shared_ptr<const PodShape> shape;
    std::int64_t now = 0;
  };
  void ObserveBound(PodRecord& pod, bool is_new, const PodImage& image);
  void ObservePending(PodRecord& pod, bool is_new, const PodImage& image);
  void Forget(PodRecord& pod, std::int64_t now);
  void MoveAll(const ClusterEvent& event, std::int64_t now);
  void Fail(PodRecord& pod, const Attempt& attempt, std::int64_t now, Decision& decision);
  void Say(PodRecord& pod, Decision& decision);
  bool RepeatsFailure(const PodRecord& pod) const;
  void SetNomination(PodRecord& pod, std::optional<std::string> node, Decision& decision);

  const SchedulerOptions options_;
  const std::unique_ptr<Cluster> cluster_;
  PodQueue queue_;
  LocalResults results_;
  PodScan scan_;
  std::size_t next_start_ = 0;
  std::optional<Failure> failure_;
  std::shared_ptr<const std::string> said_;  // the last message of any pod
};

}  // namespace kless::controllers::scheduler
