#include "functions/controllers/job/job_deletion.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/job/pod_writes.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

Plan ReconcileDeletedJob(const Item& last, const std::vector<Dependent>& pods) {
  const auto uid = std::make_shared<const std::string>(OwnerUid(last));
  Batch edits, deletions;
  for (const Dependent& pod : pods) {
    if (pod.created && pod.resource.tracked) {
      edits.writes.push_back(EditWrite(
          pod.resource.name, [uid](const std::string& document) -> std::optional<std::string> {
            if (!MentionsOwner(document, *uid)) return std::nullopt;
            return WithoutFinalizer(document, kJobTrackingFinalizer);
          }));
    }
    if (!pod.resource.deleting) deletions.writes.push_back(DeletionWrite(pod.resource.name));
  }
  Plan plan;
  if (!edits.writes.empty()) plan.batches.push_back(std::move(edits));
  if (!deletions.writes.empty()) plan.batches.push_back(std::move(deletions));
  return plan;
}

bool IsBeingOrphaned(const Item& job) {
  if (job.fields && !job.fields->deleting) return false;
  const auto parsed = ParseJson(job.document);
  if (parsed.has_error()) return false;
  const json& document = parsed.value();
  return kubernetes::Find(document, {"metadata", "deletionTimestamp"}) != nullptr &&
         kubernetes::HoldsString(kubernetes::Find(document, {"metadata", "finalizers"}),
                                 kubernetes::kOrphanFinalizer);
}

Plan ReconcileOrphanedJob(const Item& job, const std::vector<Dependent>& pods) {
  const auto uid = std::make_shared<const std::string>(OwnerUid(job));
  Batch releases;
  for (const Dependent& pod : pods) {
    if (!pod.created) {
      releases.writes.push_back(DeletionWrite(pod.resource.name));
      continue;
    }
    Write release = EditWrite(pod.resource.name, [uid](const std::string& document) {
      return WithoutOwner(document, *uid, kJobTrackingFinalizer);
    });
    release.settles = {pod.resource.name};
    releases.writes.push_back(std::move(release));
  }
  Plan plan;
  if (!releases.writes.empty()) plan.batches.push_back(std::move(releases));
  Edit last;
  last.apply = [](const std::string& document) {
    return WithoutFinalizer(document, kubernetes::kOrphanFinalizer);
  };
  plan.batches.push_back({{{.id = {"job", ResourceNameOf(job)}, .change = std::move(last)}}});
  return plan;
}

}  // namespace kless::controllers
