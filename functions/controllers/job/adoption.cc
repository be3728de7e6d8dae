#include "functions/controllers/job/adoption.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using nlohmann::json;

namespace {

// The facts about the Job that the edits need after the controller has returned.
struct Claim {
  json selector;
  std::string job_name;
  std::string job_uid;

  bool Matches(const json& pod) const {
    return kubernetes::MatchesLabels(&selector, Find(pod, {"metadata", "labels"}));
  }
};

bool HasController(const json& pod) {
  const json* owners = Find(pod, {"metadata", "ownerReferences"});
  if (owners == nullptr || !owners->is_array()) return false;
  for (const json& owner : *owners) {
    if (kubernetes::BoolAt(owner, "controller")) return true;
  }
  return false;
}

void AppendWrite(json& metadata, const char* key, json value) {
  json& list = metadata[key];
  if (!list.is_array()) list = json::array();
  list.push_back(std::move(value));
}

// Returns the pod with this Job as its controller; nullopt if it must not be adopted.
std::optional<std::string> Adopt(const Claim& claim, const std::string& document) {
  auto parsed = ParseJson(document);
  if (parsed.has_error()) return std::nullopt;
  json& pod = parsed.value();
  json* metadata = Find(pod, "metadata");
  if (metadata == nullptr || !metadata->is_object() || HasController(pod) || !claim.Matches(pod) ||
      Find(*metadata, "deletionTimestamp") != nullptr) {
    return std::nullopt;
  }
  AppendWrite(*metadata, "ownerReferences",
              {{"apiVersion", "batch/v1"},
               {"kind", "Job"},
               {"name", claim.job_name},
               {"uid", claim.job_uid},
               {"controller", true},
               {"blockOwnerDeletion", true}});
  if (!kubernetes::HoldsString(Find(*metadata, "finalizers"), kJobTrackingFinalizer)) {
    AppendWrite(*metadata, "finalizers", kJobTrackingFinalizer);
  }
  return DumpJson(pod);
}

std::optional<std::string> Release(const Claim& claim, const std::string& document) {
  const auto parsed = ParseJson(document);
  if (parsed.has_error() || claim.Matches(parsed.value())) return std::nullopt;
  return WithoutOwner(document, claim.job_uid, kJobTrackingFinalizer);
}

using ClaimEdit = std::optional<std::string> (*)(const Claim& claim, const std::string& document);

// Adds an edit for each pod that it would change as observed.
void AddEdits(const std::shared_ptr<const Claim>& claim, ClaimEdit edit, bool settles,
              const std::vector<Dependent>& pods, Batch& batch) {
  for (const Dependent& pod : pods) {
    if (!pod.created || pod.item == nullptr || !edit(*claim, pod.item->document)) continue;
    Edit change;
    change.apply = [claim, edit](const std::string& document) { return edit(*claim, document); };
    Write write{.id = {"pod", pod.resource.name}, .change = std::move(change)};
    if (settles) write.settles = {pod.resource.name};
    batch.writes.push_back(std::move(write));
  }
}

}  // namespace

bool MayAdopt(const Item& item) {
  // Every Job with defaults has the field; few have true, and only those are parsed.
  if (item.document.find("\"manualSelector\":true") == std::string::npos) return false;
  const auto job = ReadJob(item);
  return job != nullptr && job->manual_selector && !job->finished && !job->deleting &&
         !job->managed_elsewhere;
}

Plan AdoptAndRelease(const JobView& job, const std::vector<Dependent>& pods,
                     const std::vector<Dependent>& orphans) {
  const json* selector = Find(*job.document, {"spec", "selector"});
  if (!job.manual_selector || job.deleting || selector == nullptr) return {};
  const auto claim = std::make_shared<const Claim>(Claim{*selector, job.name, job.uid});
  Batch batch;
  AddEdits(claim, Release, true, pods, batch);
  AddEdits(claim, Adopt, false, orphans, batch);
  Plan plan;
  if (!batch.writes.empty()) plan.batches.push_back(std::move(batch));
  return plan;
}

}  // namespace kless::controllers
