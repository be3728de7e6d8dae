// Sizes of ReplicaSets during a rollout and after a change of spec.replicas; a part of
// DeploymentSync.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/deployment/rolling.go
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/deployment/deployment_status.h"
#include "functions/controllers/deployment/deployment_sync_set.h"
#include "functions/controllers/deployment/replica_sets.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// The change of a ReplicaSet's size that is proportional to the Deployment's change.
std::int64_t Fraction(const json& set, const json& deployment) {
  const std::int64_t size = SpecReplicas(set);
  const std::int64_t wanted = SpecReplicas(deployment);
  if (wanted == 0) return -size;
  std::int64_t before = ParseInteger(AnnotationAt(set, kMaxReplicas)).value_or(0);
  if (before <= 0) before = StatusCount(deployment, "replicas");
  if (before <= 0) return 0;
  const auto scaled =
      static_cast<double>(size * (wanted + MaxSurge(deployment))) / static_cast<double>(before);
  return std::llround(scaled) - size;
}

// A status that lags behind the size counts pods that are about to be deleted.
std::int64_t Available(const json& set) {
  return std::min(StatusCount(set, "availableReplicas"), SpecReplicas(set));
}

}  // namespace

bool DeploymentSync::ScaleTo(const SetPtr& set, std::int64_t replicas) {
  json& object = set->object;
  const std::int64_t size = SpecReplicas(object);
  const bool annotated = SetReplicasAnnotations(object, *deployment_);
  if (size != replicas) {
    if (json* spec = kubernetes::ObjectAt(object, "spec")) (*spec)["replicas"] = replicas;
    if (json* metadata = kubernetes::ObjectAt(object, "metadata")) {
      (*metadata)["generation"] = IntegerAt(*metadata, "generation").value_or(0) + 1;
    }
    set->notes.push_back({.type = "Normal",
                          .reason = "ScalingReplicaSet",
                          .message = std::string(size < replicas ? "Scaled up" : "Scaled down") +
                                     " replica set " + NamePart(set->id.name) + " from " +
                                     std::to_string(size) + " to " + std::to_string(replicas)});
  }
  if (annotated || size != replicas) Dirty(set);
  return size != replicas;
}

std::int64_t DeploymentSync::NewSetSize() const {
  const std::int64_t wanted = SpecReplicas(*deployment_);
  if (!IsRollingUpdate(*deployment_)) return wanted;
  std::int64_t total = 0;
  for (const SetPtr& set : sets_) total += SpecReplicas(set->object);
  const std::int64_t size = SpecReplicas(new_->object);
  const std::int64_t most = wanted + MaxSurge(*deployment_);
  if (total >= most) return size;
  return size + std::min(most - total, wanted - size);
}

bool DeploymentSync::ReconcileNew() {
  const std::int64_t size = SpecReplicas(new_->object);
  const std::int64_t wanted = SpecReplicas(*deployment_);
  if (size == wanted) return false;
  const std::int64_t next = size > wanted ? wanted : NewSetSize();
  return next != size && ScaleTo(new_, next);
}

// Pods that were never available do not count against maxUnavailable.
bool DeploymentSync::ScaleDownUnhealthy(Sets& old, std::int64_t most) {
  std::int64_t total = 0;
  for (const SetPtr& set : old) {
    if (total >= most) break;
    const std::int64_t size = SpecReplicas(set->object);
    const std::int64_t available = Available(set->object);
    if (size == 0 || size <= available) continue;
    const std::int64_t down = std::min(most - total, size - available);
    ScaleTo(set, size - down);
    total += down;
  }
  return total > 0;
}

bool DeploymentSync::ScaleDownOld(Sets& old) {
  std::int64_t available = 0;
  for (const SetPtr& set : AllSets()) available += Available(set->object);
  const std::int64_t spare =
      available - (SpecReplicas(*deployment_) - MaxUnavailable(*deployment_));
  std::int64_t total = 0;
  for (const SetPtr& set : old) {
    if (total >= spare) break;
    const std::int64_t size = SpecReplicas(set->object);
    if (size == 0) continue;
    const std::int64_t down = std::min(size, spare - total);
    ScaleTo(set, size - down);
    total += down;
  }
  return total > 0;
}

bool DeploymentSync::ReconcileOld() {
  Sets old;
  std::int64_t old_pods = 0;
  for (const SetPtr& set : OldSets()) {
    if (SpecReplicas(set->object) == 0) continue;
    old.push_back(set);
    old_pods += SpecReplicas(set->object);
  }
  if (old_pods == 0) return false;
  const std::int64_t new_size = SpecReplicas(new_->object);
  const std::int64_t least = SpecReplicas(*deployment_) - MaxUnavailable(*deployment_);
  const std::int64_t most =
      old_pods + new_size - least - (new_size - StatusCount(new_->object, "availableReplicas"));
  if (most <= 0) return false;
  const bool cleaned = ScaleDownUnhealthy(old, most);
  const bool scaled = ScaleDownOld(old);
  return cleaned || scaled;
}

bool DeploymentSync::IsScaling() const {
  const std::string wanted = std::to_string(SpecReplicas(*deployment_));
  return std::any_of(sets_.begin(), sets_.end(), [&](const SetPtr& set) {
    const std::string desired = AnnotationAt(set->object, kDesiredReplicas);
    return SpecReplicas(set->object) > 0 && !desired.empty() && desired != wanted;
  });
}

void DeploymentSync::SyncScale() {
  if (!SyncRevision(false)) return;
  Scale();
  const bool paused = kubernetes::BoolAt(kubernetes::FindOrEmpty(*deployment_, "spec"), "paused");
  if (paused) CleanUp();
  WriteStatus(Status(false));
}

void DeploymentSync::Scale() {
  const std::int64_t wanted = SpecReplicas(*deployment_);
  Sets active;
  for (const SetPtr& set : AllSets()) {
    if (SpecReplicas(set->object) > 0) active.push_back(set);
  }
  SetPtr only = active.size() == 1 ? active.front() : nullptr;
  if (active.empty()) only = new_ ? new_ : sets_.empty() ? nullptr : sets_.back();
  if (only != nullptr) {
    if (SpecReplicas(only->object) != wanted || IsScaling()) ScaleTo(only, wanted);
    return;
  }
  const bool saturated = new_ != nullptr &&
                         AnnotationAt(new_->object, kDesiredReplicas) == std::to_string(wanted) &&
                         SpecReplicas(new_->object) == wanted &&
                         StatusCount(new_->object, "availableReplicas") == wanted;
  if (saturated) {
    for (const SetPtr& set : active) {
      if (set != new_) ScaleTo(set, 0);
    }
  } else if (IsRollingUpdate(*deployment_)) {
    ScaleProportionally();
  }
}

// DP31, DP32.
void DeploymentSync::ScaleProportionally() {
  Sets active;
  std::int64_t total = 0;
  for (const SetPtr& set : AllSets()) {
    if (SpecReplicas(set->object) == 0) continue;
    active.push_back(set);
    total += SpecReplicas(set->object);
  }
  const std::int64_t wanted = SpecReplicas(*deployment_);
  const std::int64_t to_add = (wanted > 0 ? wanted + MaxSurge(*deployment_) : 0) - total;
  // Larger ones come first; of equal ones the newer grows first and the older shrinks first.
  const auto created = [](const SetPtr& set) {
    return StringAt(set->object, {"metadata", "creationTimestamp"});
  };
  std::stable_sort(active.begin(), active.end(), [&](const SetPtr& a, const SetPtr& b) {
    const std::int64_t a_size = SpecReplicas(a->object);
    const std::int64_t b_size = SpecReplicas(b->object);
    if (a_size != b_size) return a_size > b_size;
    return to_add > 0 ? created(a) > created(b) : created(a) < created(b);
  });
  std::int64_t added = 0;
  std::vector<std::int64_t> sizes;
  for (const SetPtr& set : active) {
    std::int64_t share = 0;
    if (to_add != 0 && to_add != added) {
      const std::int64_t fraction = Fraction(set->object, *deployment_);
      share = to_add > 0 ? std::min(fraction, to_add - added) : std::max(fraction, to_add - added);
    }
    sizes.push_back(SpecReplicas(set->object) + share);
    added += share;
  }
  for (std::size_t i = 0; i < active.size(); ++i) {
    if (i == 0 && to_add != 0) sizes[i] = std::max<std::int64_t>(sizes[i] + to_add - added, 0);
    ScaleTo(active[i], sizes[i]);
  }
}

void DeploymentSync::RollOut() {
  if (!IsRollingUpdate(*deployment_)) {
    if (!Recreate()) return;
    FinishRollout();
    return;
  }
  if (!SyncRevision(true)) return;
  // A ReplicaSet created by this plan already has its size.
  const bool scaled = (new_->version != 0 && ReconcileNew()) || ReconcileOld();
  if (!scaled && IsComplete(*deployment_, kubernetes::FindOrEmpty(*deployment_, "status"))) {
    CleanUp();
  }
  FinishRollout();
}

// DP14.  Returns false if not everything is known, or nothing more can be done now.
bool DeploymentSync::Recreate() {
  if (!SyncRevision(false)) return false;
  bool scaled = false;
  for (const SetPtr& set : OldSets()) {
    if (SpecReplicas(set->object) > 0) scaled = ScaleTo(set, 0) || scaled;
  }
  if (scaled) return true;
  const auto runs = OldPodsRun();
  if (!runs) return false;
  if (*runs) return true;
  if (new_ == nullptr && !SyncRevision(true)) return false;
  if (new_->version != 0 && SpecReplicas(new_->object) != SpecReplicas(*deployment_)) {
    ScaleTo(new_, SpecReplicas(*deployment_));
  }
  if (IsComplete(*deployment_, kubernetes::FindOrEmpty(*deployment_, "status"))) CleanUp();
  return true;
}

std::optional<bool> DeploymentSync::OldPodsRun() const {
  bool known = true;
  bool runs = false;
  for (const SetPtr& set : OldSets()) {
    const auto* pods = world_.Owned("pod", set->uid);
    known = known && pods != nullptr;
    for (std::size_t i = 0; pods != nullptr && i < pods->size(); ++i) {
      runs = runs || !IsTerminal((*pods)[i].second->fields->phase);
    }
  }
  if (!known) return std::nullopt;
  return runs;
}

// DP24, DP25: deletes the oldest revisions beyond the limit that have no pods.
void DeploymentSync::CleanUp() {
  const auto limit = IntegerAt(*deployment_, {"spec", "revisionHistoryLimit"});
  if (!limit || *limit == INT32_MAX) return;
  Sets old;
  for (const SetPtr& set : OldSets()) {
    if (!set->deleting) old.push_back(set);
  }
  const auto excess = static_cast<std::int64_t>(old.size()) - *limit;
  if (excess <= 0) return;
  std::stable_sort(old.begin(), old.end(), [](const SetPtr& a, const SetPtr& b) {
    return RevisionOf(a->object) < RevisionOf(b->object);
  });
  Batch batch;
  for (std::int64_t i = 0; i < excess; ++i) {
    const SetPtr& set = old[static_cast<std::size_t>(i)];
    const json& object = set->object;
    const bool busy = SpecReplicas(object) != 0 || StatusCount(object, "replicas") != 0 ||
                      IntegerAt(object, {"metadata", "generation"}).value_or(0) >
                          StatusCount(object, "observedGeneration");
    if (busy) continue;
    Write write = DeletionOf(set->id, set->uid, Deletion::Propagation::kBackground);
    std::get<Deletion>(write.change).dependents_only = true;
    batch.writes.push_back(std::move(write));
  }
  if (!batch.writes.empty()) plan_.batches.push_back(std::move(batch));
}

// Handles the annotation deprecated.deployment.rollback.to: restores the template of a revision (0:
// the previous one) and removes the annotation.
void DeploymentSync::RollBack() {
  if (!SyncRevision(true)) return;
  std::int64_t revision = ParseInteger(AnnotationAt(*deployment_, kRollbackTo)).value_or(0);
  if (revision == 0) {
    std::vector<std::int64_t> revisions;
    for (const SetPtr& set : sets_) revisions.push_back(RevisionOf(set->object));
    std::sort(revisions.rbegin(), revisions.rend());
    if (revisions.size() > 1) revision = revisions[1];
  }
  const std::string name = NamePart(id_.name);
  const SetPtr* target = nullptr;
  for (const SetPtr& set : sets_) {
    if (revision != 0 && RevisionOf(set->object) == revision) target = &set;
  }
  if (target == nullptr) {
    Note("Warning", "DeploymentRollbackRevisionNotFound",
         "Unable to find the revision to rollback to.");
  } else {
    json pod_template = kubernetes::FindOrEmpty((*target)->object, {"spec", "template"});
    if (json* labels = Find(pod_template, {"metadata", "labels"})) {
      kubernetes::Erase(*labels, kHashLabel);
    }
    if (SameTemplate(pod_template, kubernetes::FindOrEmpty(*deployment_, {"spec", "template"}))) {
      Note("Warning", "DeploymentRollbackTemplateUnchanged",
           "The rollback revision contains the same template as current deployment \"" + name +
               "\"");
    } else {
      (*deployment_)["spec"]["template"] = std::move(pod_template);
      Note("Normal", "DeploymentRollback",
           "Rolled back deployment \"" + name + "\" to revision " + std::to_string(revision));
    }
  }
  json* annotations = Find(*deployment_, {"metadata", "annotations"});
  if (annotations != nullptr) kubernetes::Erase(*annotations, kRollbackTo);
  if (json* metadata = kubernetes::ObjectAt(*deployment_, "metadata")) {
    (*metadata)["generation"] = IntegerAt(*metadata, "generation").value_or(0) + 1;
  }
  WriteDeployment();
}

}  // namespace kless::controllers
