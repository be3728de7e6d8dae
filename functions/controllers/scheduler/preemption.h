// Preemption: which pods of lower priority would have to go so that a pod fits (reference
// SC39..49).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/attempt.h"

namespace kless::controllers::scheduler {

struct Preemption {
  enum class Kind {
    kNominated,    // victims on `node` make room
    kNone,         // no node can be made to fit: `message` says so, a nomination is given up
    kNotEligible,  // the pod may not preempt now: `message`; a nomination stays
  };
  Kind kind = Kind::kNone;
  NodeState* node = nullptr;
  // Protected by a budget first, then by importance.  Those that are deleting already included.
  std::vector<PodRecord*> victims;
  std::string message;
};

// After `attempt` found no node.  `unix_nanos`: the start time of pods without one.  The first
// nodes of the list are tried, not ones from a random offset.
Preemption Preempt(const Cluster& cluster, const PodRecord& pod, const Attempt& attempt,
                   std::int64_t unix_nanos);

}  // namespace kless::controllers::scheduler
