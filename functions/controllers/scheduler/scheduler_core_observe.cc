// Updates the scheduler's view from the feed.
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/scheduler/scheduler_core.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers::scheduler {

namespace {

std::shared_ptr<const ResourceFields> FieldsOf(const Item& image, const std::string& name) {
  return image.fields != nullptr ? image.fields : ExtractResourceFields(image.document, name);
}

// Whether a pod that is being deleted carries the condition of a preemption.
bool IsPreempted(const std::string& document) {
  if (document.find("PreemptionByScheduler") == std::string::npos) return false;
  const auto pod = ParseJson(document);
  if (!pod) return false;
  const nlohmann::json* conditions = kubernetes::Find(*pod, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return false;
  for (const nlohmann::json& condition : *conditions) {
    if (kubernetes::StringAt(condition, "type") == "DisruptionTarget" &&
        kubernetes::StringAt(condition, "status") == "True" &&
        kubernetes::StringAt(condition, "reason") == "PreemptionByScheduler") {
      return true;
    }
  }
  return false;
}

bool Shrank(const PodShape& before, const PodShape& after) {
  return after.request.milli_cpu < before.request.milli_cpu ||
         after.request.memory < before.request.memory;
}

}  // namespace

void SchedulerCore::Observe(const ResourceId& id, const ItemPtr& old_image,
                            const ItemPtr& new_image, std::int64_t unix_nanos) {
  if (id.type == "pod") {
    ObservePod(id, new_image, unix_nanos);
  } else if (id.type == "node") {
    ObserveNode(id, new_image, unix_nanos);
  } else if (cluster_->SetOther(id.type, id.name, new_image) &&
             id.type == "persistentvolumeclaim" && new_image != nullptr &&
             (old_image == nullptr || old_image->document != new_image->document)) {
    ClusterEvent event{ClusterEvent::Kind::kClaim};
    event.claim = id.name;
    MoveAll(event, unix_nanos);
  }
}

void SchedulerCore::ObserveNode(const ResourceId& id, const ItemPtr& image, std::int64_t now) {
  std::shared_ptr<const NodeFacts> facts;
  if (image != nullptr) {
    auto fields = FieldsOf(*image, id.name);
    const NodeState* known = cluster_->FindNode(id.name);
    if (known != nullptr && known->facts != nullptr && fields->is_object &&
        known->facts->labels() == fields->labels &&
        known->facts->text == NodeFactsText(image->document)) {
      return;  // a heartbeat
    }
    facts = ParseNodeFacts(id.name, std::move(fields), image->document);
  }
  const std::shared_ptr<const NodeFacts> before = cluster_->SetNode(id.name, facts);
  if (before == nullptr && facts == nullptr) return;
  ClusterEvent event;
  event.kind = before == nullptr  ? ClusterEvent::Kind::kNodeAdded
               : facts == nullptr ? ClusterEvent::Kind::kNodeRemoved
                                  : ClusterEvent::Kind::kNodeChanged;
  event.before = before.get();
  event.after = facts.get();
  MoveAll(event, now);
}

// Called when the pod is deleted, terminal, or no longer this scheduler's.
void SchedulerCore::Forget(PodRecord& pod, std::int64_t now) {
  const bool took_room = pod.node != nullptr || pod.nominated != nullptr;
  queue_.Remove(pod);
  cluster_->Displace(pod);
  cluster_->Nominate(pod, nullptr);
  if (took_room) {
    ClusterEvent event{ClusterEvent::Kind::kPodRemoved};
    event.pod = &pod;
    MoveAll(event, now);
  }
  const std::string name = pod.name;
  cluster_->ErasePod(name);
}

void SchedulerCore::ObservePod(const ResourceId& id, const ItemPtr& image, std::int64_t now) {
  PodRecord* known = cluster_->FindPod(id.name);
  const auto fields = image == nullptr ? nullptr : FieldsOf(*image, id.name);
  if (known != nullptr && fields != nullptr && fields->uid == known->uid() &&
      image->version < known->version) {
    return;
  }
  const bool gone = fields == nullptr || !fields->is_object || IsTerminal(fields->phase);
  if (known != nullptr && (gone || fields->uid != known->uid())) {
    Forget(*known, now);
    known = nullptr;
  }
  if (gone) return;
  const bool bound = !fields->node_name.empty();
  ScanPod(image->document, scan_);
  const PodImage read{image.get(), fields, cluster_->shapes().Intern(scan_.shape_text), now};
  const std::shared_ptr<const PodShape>& shape = read.shape;
  if (!bound && (shape->scheduler_name != options_.scheduler_name || fields->deleting)) {
    if (known != nullptr) Forget(*known, now);
    return;
  }
  const bool is_new = known == nullptr;
  PodRecord& pod = is_new ? cluster_->AddPod(id.name) : *known;
  if (is_new) {
    pod.fields = fields;
    pod.shape = shape;
    cluster_->ResolvePriority(pod);
  }
  pod.start_unix_nanos = ParseTime(scan_.start_time).value_or(-1);
  if (bound) {
    ObserveBound(pod, is_new, read);
  } else {
    ObservePending(pod, is_new, read);
  }
}

void SchedulerCore::ObserveBound(PodRecord& pod, bool is_new, const PodImage& image) {
  const std::shared_ptr<const ResourceFields>& fields = image.fields;
  const bool was_bound = !is_new && pod.queued.place == QueuePlace::kNone;
  const std::shared_ptr<const ResourceFields> old_fields = pod.fields;
  const std::shared_ptr<const PodShape> old_shape = pod.shape;
  pod.fields = fields;
  pod.version = image.item->version;
  pod.preempted = fields->deleting && IsPreempted(image.item->document);
  queue_.Remove(pod);
  cluster_->Nominate(pod, nullptr);
  cluster_->Reshape(pod, image.shape);
  cluster_->ResolvePriority(pod);
  cluster_->Place(pod, cluster_->NodeNamed(fields->node_name));
  if (old_fields->deleting != fields->deleting || old_fields->labels != fields->labels) {
    cluster_->Touch();
  }
  ClusterEvent event;
  event.pod = &pod;
  if (!was_bound) {
    event.kind = ClusterEvent::Kind::kPodAdded;
    MoveAll(event, image.now);
    return;
  }
  if (old_fields->labels != fields->labels) {
    event.kind = ClusterEvent::Kind::kPodRelabeled;
    event.old_labels = &old_fields->labels;
    MoveAll(event, image.now);
  }
  if (Shrank(*old_shape, *image.shape)) {
    event.kind = ClusterEvent::Kind::kPodShrunk;
    MoveAll(event, image.now);
  }
}

void SchedulerCore::ObservePending(PodRecord& pod, bool is_new, const PodImage& image) {
  const std::shared_ptr<const PodShape> old_shape = pod.shape;
  const std::shared_ptr<const ResourceFields> old_fields = pod.fields;
  pod.fields = image.fields;
  pod.version = image.item->version;
  // A nomination that the document does not show yet is kept until the document clears one.
  const bool assumed = pod.queued.place == QueuePlace::kAssumed;
  if (scan_.nominated_node_name != pod.nominated_in_document && !assumed) {
    cluster_->Nominate(pod, scan_.nominated_node_name.empty()
                                ? nullptr
                                : &cluster_->NodeNamed(scan_.nominated_node_name));
  }
  pod.nominated_in_document = scan_.nominated_node_name;
  if (is_new) {
    queue_.Add(pod, image.now);
    return;
  }
  cluster_->Reshape(pod, image.shape);
  if (assumed) return;
  // Only a pod that is not in the queue's ordered sets may change its priority in place.
  PodRecord resolved;
  resolved.shape = image.shape;
  cluster_->ResolvePriority(resolved);
  pod.may_preempt = resolved.may_preempt;
  queue_.Reprioritize(pod, resolved.priority);
  if (image.shape->gated != old_shape->gated) {
    queue_.Add(pod, image.now);
  } else if (pod.queued.place == QueuePlace::kUnschedulable &&
             OwnChangeMayHelp(pod, *old_shape, old_fields->labels)) {
    queue_.Wake(pod, image.now);
  }
}

}  // namespace kless::controllers::scheduler
