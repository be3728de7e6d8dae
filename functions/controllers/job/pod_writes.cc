#include "functions/controllers/job/pod_writes.h"

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "emulator/base/json.h"
#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/job/pod_template.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

namespace {

Write SaidDeletion(const Dependent& pod) {
  Write deletion = DeletionWrite(pod.resource.name);
  if (pod.created) {
    deletion.on_success =
        NormalNote("SuccessfulDelete", "Deleted pod: " + NamePart(pod.resource.name));
  }
  return deletion;
}

// A pod that has ended since it was observed keeps its finalizer, so that it is counted.
Write UntrackIfRunning(const std::string& pod_name) {
  return EditWrite(pod_name, [](const std::string& document) -> std::optional<std::string> {
    const auto pod = ParseJson(document);
    const std::string phase =
        pod.has_value() ? kubernetes::StringAt(pod.value(), {"status", "phase"}) : std::string();
    if (phase == "Succeeded" || phase == "Failed") return std::nullopt;
    return WithoutFinalizer(document, kJobTrackingFinalizer);
  });
}

Write CreationWrite(const std::shared_ptr<const PodTemplate>& pods, std::string name,
                    std::int64_t index, IndexFailureCounts counts) {
  Creation creation;
  creation.generate_name = pods->GenerateName(index);
  creation.completion_index = static_cast<int>(index);
  creation.render = [pods, index, counts](const std::string& pod_name, const std::string& uid) {
    return pods->Render(pod_name, uid, index, counts);
  };
  return {.id = {"pod", std::move(name)},
          .change = std::move(creation),
          .on_success = EventNote{"Normal", "SuccessfulCreate", "Created pod: ", true}};
}

}  // namespace

Write EditWrite(const std::string& pod_name,
                std::function<std::optional<std::string>(const std::string& document)> apply) {
  return {.id = {"pod", pod_name}, .change = Edit{std::move(apply)}};
}

Write UntrackWrite(const std::string& pod_name) {
  return EditWrite(pod_name, [](const std::string& document) {
    return WithoutFinalizer(document, kJobTrackingFinalizer);
  });
}

Write DeletionWrite(const std::string& pod_name) {
  return {.id = {"pod", pod_name}, .change = Deletion{}, .settles = {pod_name}};
}

void AddRemovals(const std::vector<const Dependent*>& remove, Plan& plan) {
  Batch edits, deletions;
  for (const Dependent* pod : remove) {
    if (pod->created && pod->resource.tracked) {
      edits.writes.push_back(UntrackIfRunning(pod->resource.name));
    }
    deletions.writes.push_back(SaidDeletion(*pod));
  }
  if (!edits.writes.empty()) plan.batches.push_back(std::move(edits));
  if (!deletions.writes.empty()) plan.batches.push_back(std::move(deletions));
}

void AddKills(const std::vector<const Dependent*>& kill, Plan& plan) {
  Batch deletions;
  for (const Dependent* pod : kill) {
    Write deletion = SaidDeletion(*pod);
    // A pod that must still be counted is settled by its counting.
    if (pod->created && pod->resource.tracked) deletion.settles.clear();
    deletions.writes.push_back(std::move(deletion));
  }
  if (!deletions.writes.empty()) plan.batches.push_back(std::move(deletions));
}

void AddCreations(const JobSync& sync, const PodChanges& changes,
                  const std::vector<IndexFailureCounts>& counts, Plan& plan) {
  if (sync.creating == 0) return;
  const auto pods = std::make_shared<const PodTemplate>(*sync.job, sync.unix_nanos);
  std::vector<Write> writes;
  writes.reserve(static_cast<std::size_t>(sync.creating));
  const auto next_counts = [&] {
    return counts.empty() ? IndexFailureCounts() : counts[writes.size()];
  };
  for (const Dependent* pod : changes.keep_promise) {
    const std::int64_t index = sync.job->indexed ? pod->resource.completion_index : -1;
    writes.push_back(CreationWrite(pods, pod->resource.name, index, next_counts()));
  }
  for (const std::int64_t index : changes.create) {
    writes.push_back(CreationWrite(pods, sync.job->namespace_name + "/", index, next_counts()));
  }
  auto next = writes.begin();
  for (const std::size_t size : SlowStartBatches(writes.size())) {
    Batch batch;
    const auto end = next + static_cast<std::ptrdiff_t>(size);
    batch.writes.assign(std::make_move_iterator(next), std::make_move_iterator(end));
    next = end;
    plan.batches.push_back(std::move(batch));
  }
}

}  // namespace kless::controllers
