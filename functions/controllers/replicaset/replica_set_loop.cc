#include "functions/controllers/replicaset/replica_set_loop.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/controllers/loop/new_pod.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/ownership.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/selecting_loop.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/replicaset/replica_set_status.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::IntegerAt;
using nlohmann::json;

namespace {

constexpr const char* kType = "replicaset";
// Kubernetes v1.36 BurstReplicas.
constexpr std::int64_t kBurst = 500;

// One reconcile of one ReplicaSet.
class ReplicaSetSync {
 public:
  ReplicaSetSync(ResourceId id, const ItemPtr& item, World& world)
      : id_(std::move(id)),
        item_(item),
        world_(world),
        set_(std::make_shared<json>(ObjectAsRead(kType, item, id_.name))),
        deleting_(IsDeleting(item)) {}

  Plan Run() {
    if (!Claim()) return {};
    if (!deleting_ && !Manage()) return {};
    WriteStatus(std::nullopt, &plan_);
    if (const auto wait = NextAvailable(*set_, pods_, world_.unix_nanos())) {
      plan_.requeue_after = Duration(*wait);
    }
    Plan plan = std::move(plan_);
    plan.on_failure = [sync = *this](const FailureReport& report) { return sync.Failed(report); };
    return plan;
  }

 private:
  const json* TemplateLabels() const {
    return Find(*set_, {"spec", "template", "metadata", "labels"});
  }

  // Releases pods that no longer match, and adopts orphans that match.  Orphans that appear later
  // wake the loop by a key of their own; before the first sync of a generation this looks for them.
  bool Claim() {
    const std::string& uid = UidOf(item_);
    const auto* owned = world_.Owned("pod", uid);
    const bool looks = !deleting_ && IntegerAt(*set_, {"status", "observedGeneration"}) !=
                                         IntegerAt(*set_, {"metadata", "generation"});
    const auto* all = looks ? world_.List("pod", NamespacePart(id_.name) + "/") : nullptr;
    if (owned == nullptr || (looks && all == nullptr)) return false;
    Batch batch;
    for (const auto& [id, item] : *owned) {
      if (Selects(*set_, ObjectOf(item))) {
        pods_.push_back(MakeReplicaPod(id, item, TemplateLabels()));
      } else if (!deleting_) {
        batch.writes.push_back(ReleaseOf(id, uid));
      }
    }
    for (std::size_t i = 0; looks && i < all->size(); ++i) {
      const auto& [id, item] = (*all)[i];
      if (!IsOrphan(item) || !Selects(*set_, ObjectOf(item))) continue;
      pods_.push_back(MakeReplicaPod(id, item, TemplateLabels()));
      batch.writes.push_back(AdoptionOf(id, ControllerReference(*set_)));
    }
    if (!batch.writes.empty()) plan_.batches.push_back(std::move(batch));
    return true;
  }

  // Creates missing pods and deletes surplus ones; false if not everything is known yet.
  bool Manage() {
    std::vector<ReplicaPod> active;
    for (const ReplicaPod& pod : pods_) {
      if (pod.active()) active.push_back(pod);
    }
    const std::int64_t wanted = IntegerAt(*set_, {"spec", "replicas"}).value_or(1);
    const auto missing = wanted - static_cast<std::int64_t>(active.size());
    if (missing > 0) {
      Create(static_cast<std::size_t>(std::min(missing, kBurst)));
      return true;
    }
    if (missing == 0) return true;
    std::map<std::string, int> neighbours;
    if (!CountNeighbours(&neighbours)) return false;
    SortByVictims(neighbours, world_.unix_nanos(), active);
    active.resize(static_cast<std::size_t>(std::min(-missing, kBurst)));
    Delete(active);
    return true;
  }

  void Create(std::size_t count) {
    const std::string space = NamespacePart(id_.name);
    const Write pod = NewPod(*set_, space, world_.unix_nanos());
    for (const std::size_t size : SlowStartBatches(count)) {
      Batch batch;
      for (std::size_t i = 0; i < size; ++i) {
        Write write = pod;
        write.on_success = EventNote{.type = "Normal",
                                     .reason = "SuccessfulCreate",
                                     .message = "Created pod: ",
                                     .append_name = true};
        batch.writes.push_back(std::move(write));
      }
      plan_.batches.push_back(std::move(batch));
    }
  }

  void Delete(const std::vector<ReplicaPod>& victims) {
    Batch batch;
    for (const ReplicaPod& victim : victims) {
      Write write = DeletionOf(victim.id, victim.uid, Deletion::Propagation::kBackground);
      std::get<Deletion>(write.change).dependents_only = true;
      write.on_success = EventNote{.type = "Normal",
                                   .reason = "SuccessfulDelete",
                                   .message = "Deleted pod: ",
                                   .append_name = true};
      batch.writes.push_back(std::move(write));
    }
    plan_.batches.push_back(std::move(batch));
  }

  // Active pods per node of all ReplicaSets with the same controller; none if it has no controller
  // (RS7).
  bool CountNeighbours(std::map<std::string, int>* neighbours) {
    const std::string& controller = item_->fields->owner_uid;
    if (controller.empty()) return true;
    const auto* related = world_.Owned(kType, controller);
    if (related == nullptr) return false;
    bool known = true;
    for (const auto& [id, item] : *related) {
      const auto* pods = world_.Owned("pod", UidOf(item));
      known = known && pods != nullptr;
      for (std::size_t i = 0; pods != nullptr && i < pods->size(); ++i) {
        const ResourceFields& fields = *(*pods)[i].second->fields;
        if (!IsTerminal(fields.phase) && !fields.deleting && !fields.node_name.empty()) {
          ++(*neighbours)[fields.node_name];
        }
      }
    }
    return known;
  }

  // Writes the status by what was observed before any change (CM2).
  void WriteStatus(const std::optional<ReplicaFailure>& failure, Plan* plan) const {
    json status = ReplicaSetStatus(*set_, pods_, failure, world_.unix_nanos());
    if (status == kubernetes::FindOrEmpty(*set_, "status")) return;
    json object = ObjectOf(item_);
    object["status"] = std::move(status);
    plan->batches.push_back({{{.id = id_, .change = Update{.document = DumpJson(object)}}}});
  }

  // RS16, RS17.
  Plan Failed(const FailureReport& report) const {
    Plan rest;
    const bool creating = report.write->Is<Creation>();
    const bool deleting = report.write->Is<Deletion>();
    const bool terminating = report.reason == FailureReport::Reason::kNamespaceTerminating;
    std::optional<ReplicaFailure> failure;
    if ((creating && !terminating) || deleting) {
      failure = {creating ? "FailedCreate" : "FailedDelete", report.message};
      rest.events.push_back(
          {.type = "Warning",
           .reason = failure->reason,
           .message = (creating ? "Error creating: " : "Error deleting: ") + report.message});
    }
    WriteStatus(failure, &rest);
    return rest;
  }

  ResourceId id_;
  ItemPtr item_;
  World& world_;
  std::shared_ptr<json> set_;
  bool deleting_;
  std::vector<ReplicaPod> pods_;
  Plan plan_;
};

}  // namespace

ControlLoop ReplicaSetLoop() {
  const auto sync = [](const ResourceId& id, const ItemPtr& item, World& world) {
    return ReplicaSetSync(id, item, world).Run();
  };
  return SelectingLoop({kType, "pod", sync}, {"pod", kType});
}

}  // namespace kless::controllers
