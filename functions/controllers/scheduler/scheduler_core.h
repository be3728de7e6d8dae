// SchedulerCore: one kube-scheduler instance (v1.36, default configuration) as plain code: the
// queue, the view of the cluster and the algorithm.  No I/O, no clock, no randomness: the same
// calls give the same answers.
//
// A driver feeds it with Observe, asks Next while HasActive, carries each Decision out, and calls
// Undo where a binding failed.  All state may be lost and rebuilt from a list: pods that carry
// PodScheduled=False are then tried once more.  `now` and `unix_nanos` are unix nanoseconds and
// must not go back.
//
// Differences from the real one: of equal nodes the first in the search order wins always (it
// mostly does); the dry run of preemption starts at the first node; opportunistic batching is left
// out (it cannot change the outcome but for the second choice of a one-pod-per-node ranking);
// volumes are checked for existing, bound claims only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/attempt.h"
#include "functions/controllers/scheduler/hints.h"
#include "functions/controllers/scheduler/queue.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers::scheduler {

struct SchedulerOptions {
  std::string scheduler_name = "default-scheduler";  // whose pods it takes
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
  // kBind: the pod counts on it from now on.
  std::string node;
  // kUnschedulable.  The FailedScheduling note (see EventNoteText) and the condition's message.
  std::string message;
  // The pod's last attempt since this core observed it ended with the same message: its condition
  // says so already (unless that write was lost).
  bool repeats_message = false;
  // What becomes of status.nominatedNodeName: nullopt: as it is; "": cleared.
  std::optional<std::string> nominated_node;
  // To be evicted from nominated_node, in this order: MarkPreempted, delete with the pod's own
  // grace, Preempted event.  Those that are being deleted already are left out.
  std::vector<Victim> victims;
  // With record_scores, of a pod that more than one node could take: in search order.
  std::vector<ScoreLine> scores;
};

class SchedulerCore {
 public:
  explicit SchedulerCore(SchedulerOptions options = {});

  // One object of a list (old_image null) or one change, in feed order.  Types: pod, node,
  // namespace, priorityclass, poddisruptionbudget, persistentvolumeclaim, service, replicaset,
  // statefulset, replicationcontroller; others are ignored, as are stale versions of pods.
  void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
               std::int64_t unix_nanos);

  // Whether Next would try a pod.
  bool HasActive(std::int64_t now) const { return queue_.HasActive(now); }
  // When that becomes true if nothing happens: the end of a back-off, or the flush of pods that
  // have been unschedulable for 5 minutes.  nullopt: never.
  std::optional<std::int64_t> NextWake() const { return queue_.NextWake(); }
  // Tries the next pod; nullopt: none is to be tried.
  std::optional<Decision> Next(std::int64_t now);

  // The binding of a pod failed: its place is free again, it backs off as after an error.  No
  // effect on a pod that is gone, bound meanwhile, or another one of that name.
  void Undo(const std::string& pod_name, const std::string& uid, std::int64_t now);
  // An eviction for a nominated pod failed: it loses the nomination and is tried again.
  void PreemptionFailed(const std::string& pod_name, const std::string& uid, std::int64_t now);

  // Pods in the queue, whatever their place.
  std::size_t pending() const { return queue_.size(); }
  std::size_t unschedulable() const { return queue_.unschedulable_size(); }
  // The node's topology.kubernetes.io/zone and /region labels, for BindPod.
  Labels TopologyLabels(const std::string& node) const;
  const Cluster& cluster() const { return *cluster_; }

 private:
  // The last failure, good for every pod of the shape until the cluster changes.
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
  // A pod's image, read.
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
