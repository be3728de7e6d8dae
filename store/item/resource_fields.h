// ResourceFields: the few facts of a Kubernetes object that indexes, watches and selectors need,
// extracted once per image, so that unchanged objects are never parsed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless {

enum class PodPhase : unsigned char { kNone, kPending, kRunning, kSucceeded, kFailed, kUnknown };
const char* PodPhaseName(PodPhase phase);  // "", "Pending", ...
PodPhase PodPhaseFromName(std::string_view name);
// Whether a pod of this phase has ended for good.
constexpr bool IsTerminal(PodPhase phase) {
  return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed;
}

struct ResourceFields {
  // The document is a JSON object (with at most kJsonMaxDepth levels and numbers that fit 64 bits);
  // otherwise every other field is empty.
  bool is_object = false;
  std::string uid;
  std::string owner_uid;   // the ownerReference with controller: true
  std::string owner_kind;  // of the same reference
  std::string owner_name;
  std::vector<std::string> other_owners;  // uids of the other ownerReferences
  std::string node_name;                  // spec.nodeName
  PodPhase phase = PodPhase::kNone;
  bool ready = false;         // condition Ready=True
  bool deleting = false;      // metadata.deletionTimestamp is set
  bool tracked = false;       // finalizer batch.kubernetes.io/job-tracking
  int completion_index = -1;  // annotation batch.kubernetes.io/job-completion-index; -1: none
  int index_failures = 0;     // annotation batch.kubernetes.io/job-index-failure-count
  int index_ignored = 0;      // annotation batch.kubernetes.io/job-index-ignored-failure-count
  int restarts = 0;           // sum of status.(init)containerStatuses[].restartCount
  // When a terminal or deleted pod ended, in Unix seconds, by the Job controller's rule: the latest
  // finishedAt of its containers, else the time Ready became False, else deletionTimestamp less the
  // grace period, else its creation. 0 if it has not ended.
  std::int64_t finished_at = 0;
  std::vector<std::pair<std::string, std::string>> labels;  // sorted by key
  // Whether the door may serve the document as it is, with only resourceVersion spliced in: one
  // line with the kind, apiVersion, metadata.name (and namespace) of its key, and no
  // resourceVersion.
  bool canonical = false;
  std::size_t metadata_begin = 0;  // offset just after the '{' of metadata; 0: no metadata

  bool operator==(const ResourceFields&) const = default;
};

// `name` is the resource name of the key: "namespace/name" or "name".
std::shared_ptr<const ResourceFields> ExtractResourceFields(std::string_view document,
                                                            std::string_view name);
// The same from the tree that a document was made of: `document` is DumpJson(object).
std::shared_ptr<const ResourceFields> ExtractResourceFields(const nlohmann::json& object,
                                                            std::string_view document,
                                                            std::string_view name);

}  // namespace kless
