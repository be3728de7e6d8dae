#include "functions/controllers/job/job_loop.h"

#include "functions/controllers/job/adoption.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/job/job_deletion.h"
#include "functions/controllers/job/pod_facts.h"

namespace kless::controllers {

namespace {

constexpr std::size_t kIndexDigitsMax = 6;

// Parses "<job>-<index>-<suffix>", the name of a pod of an Indexed Job; -1 if it has no index.
int IndexOfName(const std::string& pod_name) {
  const auto suffix = pod_name.rfind('-');
  if (suffix == std::string::npos || suffix == 0) return -1;
  const auto dash = pod_name.rfind('-', suffix - 1);
  if (dash == std::string::npos) return -1;
  const std::size_t digits = suffix - dash - 1;
  if (digits == 0 || digits > kIndexDigitsMax) return -1;
  int index = 0;
  for (std::size_t i = dash + 1; i < suffix; ++i) {
    if (pod_name[i] < '0' || pod_name[i] > '9') return -1;
    index = index * 10 + (pod_name[i] - '0');
  }
  return index;
}

// A pod that was only promised has nothing but its name.
Plan ReconcileWithPromises(OwnerObservation& observed) {
  for (Dependent& pod : observed.dependents) {
    if (!pod.created) pod.resource.completion_index = IndexOfName(pod.resource.name);
  }
  return ReconcileJob(observed);
}

}  // namespace

ControlLoop JobLoop() {
  ControlLoop loop;
  loop.name = "job-controller";
  loop.setting = "job";
  loop.component = "job-controller";
  loop.types = {"job", "pod"};
  loop.promises = Promises{.owner_type = "job",
                           .dependent_type = "pod",
                           .to_read = PodsToRead,
                           .may_adopt = MayAdopt,
                           .is_being_orphaned = IsBeingOrphaned,
                           .reconcile = ReconcileWithPromises,
                           .reconcile_orphaned = ReconcileOrphanedJob,
                           .reconcile_gone = ReconcileDeletedJob};
  return loop;
}

}  // namespace kless::controllers
