#include "functions/controllers/scheduler/scheduler_loop.h"

#include <utility>

#include "functions/controllers/scheduler/decision_plan.h"
#include "functions/controllers/scheduler/pod_edits.h"
#include "functions/controllers/scheduler/scheduler_core.h"
#include "store/item/resource_fields.h"

namespace kless::controllers::scheduler {

namespace {

class SchedulerView : public LoopView {
 public:
  void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
               std::int64_t unix_nanos) override {
    core_.Observe(id, old_image, new_image, unix_nanos);
  }
  bool HasActive(std::int64_t unix_nanos) const override { return core_.HasActive(unix_nanos); }
  std::optional<std::int64_t> NextWake() const override { return core_.NextWake(); }

  std::optional<ViewStep> Next(std::int64_t unix_nanos) override {
    const auto decision = core_.Next(unix_nanos);
    if (!decision) return std::nullopt;
    ViewStep step;
    step.id = decision->pod;
    step.target = PodTarget(decision->pod, decision->uid, decision->version);
    if (decision->kind == Decision::Kind::kBind) {
      step.claim = decision->node;
      step.take = [node = decision->node, labels = core_.TopologyLabels(decision->node)](
                      const std::string& document, std::int64_t now) {
        return BindPod(document, node, labels, now);
      };
      step.plan.events.push_back(BindingNote(*decision));
      step.assumed = true;
    } else {
      step.plan = FailurePlan(*decision, unix_nanos);
      step.assumed = !decision->victims.empty();
    }
    return step;
  }

  void Undo(const ViewStep& step, std::int64_t unix_nanos) override {
    if (step.claim.empty()) {
      core_.PreemptionFailed(step.id.name, step.target.uid, unix_nanos);
    } else {
      core_.Undo(step.id.name, step.target.uid, unix_nanos);
    }
  }

 private:
  SchedulerCore core_;
};

// Whether a record may make a pod schedulable, or matters to waiting pods.
bool ConcernsScheduler(const ResourceId& id, const Item* before, const Item* after) {
  if (id.type != "pod") return true;
  const bool placed_before = before && before->fields && !before->fields->node_name.empty();
  if (!after || !after->fields) return placed_before;  // its place is free
  if (after->fields->node_name.empty()) return true;   // it needs a node
  if (!placed_before) return true;                     // other pods may wait for its removal
  // It is bound: only its end and its labels matter.
  return (IsTerminal(after->fields->phase) && !IsTerminal(before->fields->phase)) ||
         after->fields->labels != before->fields->labels;
}

}  // namespace

ControlLoop SchedulerLoop() {
  ControlLoop loop;
  loop.name = "scheduler";
  loop.setting = "scheduler";
  loop.component = kSchedulerComponent;
  // In the order in which they are listed.
  loop.types = {"namespace",   "priorityclass",         "node",
                "service",     "poddisruptionbudget",   "replicaset",
                "statefulset", "persistentvolumeclaim", "pod"};
  loop.keys = [](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                 std::vector<std::string>* keys) {
    if (ConcernsScheduler(id, old_image.get(), new_image.get())) keys->push_back(kViewKey);
  };
  // The flush of unschedulable pods never ends.
  loop.housekeeping = true;
  loop.view = [] { return std::make_unique<SchedulerView>(); };
  return loop;
}

}  // namespace kless::controllers::scheduler
