// Preemption: the pods of lower priority that would have to be deleted so that a pod fits
// (reference SC39..49).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/attempt.h"

namespace kless::controllers::scheduler {

struct Preemption {
  enum class Kind {
    kNominated,    // victims on `node` make room
    kNone,         // no node can be made to fit: see `message`; the nomination is cleared
    kNotEligible,  // the pod may not preempt now: see `message`; the nomination stays
  };
  Kind kind = Kind::kNone;
  NodeState* node = nullptr;
  // Pods protected by a budget come first, then by importance.  Includes those that are being
  // deleted.
  std::vector<PodRecord*> victims;
  std::string message;
};

// Called after `attempt` found no node.  `unix_nanos` is taken as the start time of pods without
// one.  The first nodes of the list are tried, rather than those from a random offset.
Preemption Preempt(const Cluster& cluster, const PodRecord& pod, const Attempt& attempt,
                   std::int64_t unix_nanos);

}  // namespace kless::controllers::scheduler
