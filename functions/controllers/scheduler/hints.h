// The events that may help an unschedulable pod: the queueing hints of the plugins that rejected it
// (reference SC50 to SC54).
#pragma once

#include <string>

#include "functions/controllers/scheduler/filters.h"

namespace kless::controllers::scheduler {

struct ClusterEvent {
  enum class Kind {
    kNodeAdded,     // after
    kNodeChanged,   // before, after
    kNodeRemoved,   // before
    kPodAdded,      // pod: bound to a node
    kPodRemoved,    // pod: was bound (or nominated), and is deleted, terminal or released
    kPodRelabeled,  // pod, old_labels: a bound pod
    kPodShrunk,     // pod: a bound pod requests less
    kClaim,         // claim: a PersistentVolumeClaim appeared or changed
  };
  Kind kind{};
  const NodeFacts* before = nullptr;
  const NodeFacts* after = nullptr;
  const PodRecord* pod = nullptr;
  const Labels* old_labels = nullptr;
  std::string claim{};  // "namespace/name"
};

// The plugins (bits) that listen to such events.
std::uint32_t Listeners(ClusterEvent::Kind kind);

bool MayHelp(const Cluster& cluster, const ClusterEvent& event, const PodRecord& waiting);

// Whether a change of the waiting pod itself may help.
bool OwnChangeMayHelp(const PodRecord& waiting, const PodShape& old_shape,
                      const Labels& old_labels);

}  // namespace kless::controllers::scheduler
