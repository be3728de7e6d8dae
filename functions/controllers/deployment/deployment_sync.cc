#include "functions/controllers/deployment/deployment_sync.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/controllers/deployment/deployment_status.h"
#include "functions/controllers/deployment/deployment_sync_set.h"
#include "functions/controllers/deployment/replica_sets.h"
#include "functions/controllers/loop/ownership.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/selecting_loop.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::FindOrEmpty;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// Parses the document as it was read, and adds a status if there is none.
json ObjectWithStatus(const char* type, const ItemPtr& item, const std::string& name) {
  json object = ObjectAsRead(type, item, name);
  if (!FindOrEmpty(object, "status").is_object()) object["status"] = json::object();
  return object;
}

std::string ConditionReason(const json& deployment, const char* type) {
  const json* condition = FindCondition(deployment, type);
  return condition == nullptr ? std::string() : StringAt(*condition, "reason");
}

}  // namespace

DeploymentSync::DeploymentSync(ResourceId id, const ItemPtr& item, World& world)
    : id_(std::move(id)),
      namespace_name_(NamespacePart(id_.name)),
      world_(world),
      deployment_(std::make_shared<json>(ObjectWithStatus("deployment", item, id_.name))) {}

DeploymentSync::~DeploymentSync() = default;

DeploymentSync::Set::Set() : held(std::make_shared<json>()), object(*held) {}

Plan DeploymentSync::Run() {
  const json& deployment = *deployment_;
  const json* selector = Find(deployment, {"spec", "selector"});
  if (selector == nullptr || selector->empty() || !Claim()) {
    return std::move(plan_);
  }
  if (Find(deployment, {"metadata", "deletionTimestamp"}) != nullptr) {
    if (SyncRevision(false)) FinishRollout();
    return std::move(plan_);
  }
  CheckPaused();
  const bool paused = kubernetes::BoolAt(FindOrEmpty(deployment, "spec"), "paused");
  if (paused || IsScaling()) {
    SyncScale();
  } else if (!AnnotationAt(deployment, kRollbackTo).empty()) {
    RollBack();
  } else {
    RollOut();
  }
  // Each ReplicaSet is written once, in its final state.
  for (const SetPtr& set : sets_) {
    if (!set->dirty || set->version == 0) continue;
    Write& write = plan_.batches[set->batch].writes.front();
    std::get<Update>(write.change).document = DumpJson(set->object);
    if (set->notes.empty()) continue;
    write.on_success = set->notes.front();
    plan_.events.insert(plan_.events.end(), set->notes.begin() + 1, set->notes.end());
  }
  return std::move(plan_);
}

// Orphans that appear later wake the loop by a key of their own; before the first sync of a
// generation this looks for them.
bool DeploymentSync::Claim() {
  const json& deployment = *deployment_;
  const std::string uid = StringAt(deployment, {"metadata", "uid"});
  const bool deleting = Find(deployment, {"metadata", "deletionTimestamp"}) != nullptr;
  const json* selector = Find(deployment, {"spec", "selector"});
  const auto* owned = world_.Owned("replicaset", uid);
  const bool looks = !deleting && IntegerAt(deployment, {"status", "observedGeneration"}) !=
                                      IntegerAt(deployment, {"metadata", "generation"});
  const auto* all = looks ? world_.List("replicaset", namespace_name_ + "/") : nullptr;
  if (owned == nullptr || (looks && all == nullptr)) return false;
  Batch adoptions;
  const auto consider = [&](const ResourceId& id, const ItemPtr& item, bool orphan) {
    auto set = std::make_shared<Set>();
    set->id = id;
    set->version = item->version;
    set->uid = UidOf(item);
    set->deleting = IsDeleting(item);
    set->object = ObjectWithStatus("replicaset", item, id.name);
    set->observed = SpecReplicas(set->object);
    const bool matches =
        kubernetes::MatchesLabels(selector, Find(set->object, {"metadata", "labels"}));
    if (orphan) {
      if (matches) adoptions.writes.push_back(AdoptionOf(id, ControllerReference(deployment)));
    } else if (matches) {
      sets_.push_back(std::move(set));
    } else if (!deleting) {
      adoptions.writes.push_back(ReleaseOf(id, uid));
    }
  };
  for (const auto& [id, item] : *owned) consider(id, item, false);
  for (std::size_t i = 0; looks && i < all->size(); ++i) {
    if (IsOrphan((*all)[i].second)) consider((*all)[i].first, (*all)[i].second, true);
  }
  if (!adoptions.writes.empty()) {
    // Their records wake the Deployment again, with what it has adopted and without the rest.
    plan_.batches.push_back(std::move(adoptions));
  }
  std::stable_sort(sets_.begin(), sets_.end(), [](const SetPtr& a, const SetPtr& b) {
    return StringAt(a->object, {"metadata", "creationTimestamp"}) <
           StringAt(b->object, {"metadata", "creationTimestamp"});
  });
  return plan_.batches.empty();
}

// DP15, DP18.
bool DeploymentSync::CheckPaused() {
  if (!HasProgressDeadline(*deployment_)) return false;
  const std::string reason = ConditionReason(*deployment_, "Progressing");
  if (reason == "ProgressDeadlineExceeded") return false;
  const bool paused = kubernetes::BoolAt(FindOrEmpty(*deployment_, "spec"), "paused");
  const bool told = reason == "DeploymentPaused";
  if (paused == told) return false;
  json status = FindOrEmpty(*deployment_, "status");
  SetCondition(status, "Progressing", "Unknown", paused ? "DeploymentPaused" : "DeploymentResumed",
               paused ? "Deployment is paused" : "Deployment is resumed", world_.unix_nanos());
  WriteStatus(std::move(status));
  return true;
}

DeploymentSync::Sets DeploymentSync::OldSets() const {
  Sets old;
  for (const SetPtr& set : sets_) {
    if (set != new_) old.push_back(set);
  }
  return old;
}

DeploymentSync::Sets DeploymentSync::AllSets() const {
  Sets all = OldSets();
  if (new_) all.push_back(new_);
  return all;
}

bool DeploymentSync::SyncRevision(bool create) {
  new_ = nullptr;
  const json& pod_template = FindOrEmpty(*deployment_, {"spec", "template"});
  for (const SetPtr& set : sets_) {
    if (new_ == nullptr &&
        SameTemplate(FindOrEmpty(set->object, {"spec", "template"}), pod_template)) {
      new_ = set;
    }
  }
  if (new_ != nullptr) {
    AdoptRevision();
    return true;
  }
  return !create || CreateNewSet();
}

// Gives the ReplicaSet of the template the newest revision, and the Deployment the same.
void DeploymentSync::AdoptRevision() {
  std::int64_t newest = 0;
  for (const SetPtr& set : OldSets()) newest = std::max(newest, RevisionOf(set->object));
  const bool told = SetNewSetAnnotations(new_->object, *deployment_, newest + 1, true);
  const auto seconds = IntegerAt(*deployment_, {"spec", "minReadySeconds"}).value_or(0);
  const bool waits = IntegerAt(new_->object, {"spec", "minReadySeconds"}).value_or(0) != seconds;
  if (waits) {
    if (json* spec = kubernetes::ObjectAt(new_->object, "spec"))
      (*spec)["minReadySeconds"] = seconds;
    if (json* metadata = kubernetes::ObjectAt(new_->object, "metadata")) {
      (*metadata)["generation"] = IntegerAt(*metadata, "generation").value_or(0) + 1;
    }
  }
  if (told || waits) Dirty(new_);
  bool changed = SetAnnotation(*deployment_, kRevision, AnnotationAt(new_->object, kRevision));
  if (HasProgressDeadline(*deployment_) && FindCondition(*deployment_, "Progressing") == nullptr) {
    json status = FindOrEmpty(*deployment_, "status");
    SetCondition(status, "Progressing", "True", "FoundNewReplicaSet",
                 "Found new replica set \"" + NamePart(new_->id.name) + "\"", world_.unix_nanos());
    (*deployment_)["status"] = std::move(status);
    changed = true;
  }
  if (changed) WriteDeployment();
}

bool DeploymentSync::CreateNewSet() {
  json object = NewReplicaSet(*deployment_, namespace_name_, world_.unix_nanos());
  const std::string name = StringAt(object, {"metadata", "name"});
  const ResourceId id{"replicaset", namespace_name_ + "/" + name};
  const ItemPtr* taken = world_.Get(id);
  if (taken == nullptr) return false;
  if (*taken != nullptr) {
    // It belongs to another owner: the next sync uses another hash (DP35).
    json status = FindOrEmpty(*deployment_, "status");
    status["collisionCount"] = StatusCount(*deployment_, "collisionCount") + 1;
    WriteStatus(std::move(status));
    return false;
  }
  std::int64_t newest = 0;
  for (const SetPtr& set : sets_) newest = std::max(newest, RevisionOf(set->object));
  auto set = std::make_shared<Set>();
  set->id = id;
  set->object = std::move(object);
  new_ = set;
  sets_.push_back(set);
  SetNewSetAnnotations(set->object, *deployment_, newest + 1, false);
  const std::int64_t replicas = NewSetSize();
  set->object["spec"]["replicas"] = replicas;
  set->observed = replicas;
  Creation creation;
  creation.render = [set](const std::string&, const std::string& uid) {
    json created = set->object;
    created["metadata"]["uid"] = uid;
    return DumpJson(created);
  };
  Write write{.id = id, .change = std::move(creation)};
  if (replicas > 0) {
    write.on_success = EventNote{
        .type = "Normal",
        .reason = "ScalingReplicaSet",
        .message = "Scaled up replica set " + name + " from 0 to " + std::to_string(replicas)};
  }
  plan_.batches.push_back({{std::move(write)}});
  SetAnnotation(*deployment_, kRevision, std::to_string(newest + 1));
  if (HasProgressDeadline(*deployment_)) {
    json status = FindOrEmpty(*deployment_, "status");
    SetCondition(status, "Progressing", "True", "NewReplicaSetCreated",
                 "Created new replica set \"" + name + "\"", world_.unix_nanos());
    (*deployment_)["status"] = std::move(status);
  }
  WriteDeployment();
  return true;
}

void DeploymentSync::Dirty(const SetPtr& set) {
  if (set->dirty || set->version == 0) return;
  set->dirty = true;
  set->batch = plan_.batches.size();
  plan_.batches.push_back({{{.id = set->id, .change = Update{.version = set->version}}}});
}

void DeploymentSync::Note(const char* type, const char* reason, std::string message) {
  plan_.events.push_back({.type = type, .reason = reason, .message = std::move(message)});
}

void DeploymentSync::WriteDeployment() {
  plan_.batches.push_back({{{.id = id_, .change = Update{.document = DumpJson(*deployment_)}}}});
}

void DeploymentSync::WriteStatus(json status) {
  if (FindOrEmpty(*deployment_, "status") == status) return;
  (*deployment_)["status"] = std::move(status);
  WriteDeployment();
}

json DeploymentSync::Status(bool rollout) const {
  const Sets all = AllSets();
  std::vector<SetCounts> counts;
  for (const SetPtr& set : all) counts.push_back({&set->object, set->observed});
  const json* newest = new_ ? &new_->object : nullptr;
  return rollout ? RolloutStatus(counts, newest, *deployment_, world_.unix_nanos())
                 : CalculateStatus(counts, newest, *deployment_, world_.unix_nanos());
}

void DeploymentSync::FinishRollout() {
  const bool deleting = Find(*deployment_, {"metadata", "deletionTimestamp"}) != nullptr;
  json status = Status(!deleting);
  const auto check = NextProgressCheck(*deployment_, status, world_.unix_nanos());
  if (check && !deleting) plan_.requeue_after = Duration(*check);
  WriteStatus(std::move(status));
}

}  // namespace kless::controllers
