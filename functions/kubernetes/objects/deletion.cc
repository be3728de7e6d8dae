// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go
#include "functions/kubernetes/objects/deletion.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::int64_t kDefaultGraceSeconds = 30;
// Larger values would overflow when added to a time in nanoseconds.
constexpr std::int64_t kMaxGraceSeconds = 1'000'000'000;

// Unbound and finished pods run on no node, and need no grace.
std::int64_t GraceSeconds(const json& pod, const DeletionOptions& options) {
  std::int64_t grace = options.grace_seconds.value_or(
      IntegerAt(pod, {"spec", "terminationGracePeriodSeconds"}).value_or(kDefaultGraceSeconds));
  if (grace < 0) grace = 1;
  const std::string phase = StringAt(pod, {"status", "phase"});
  if (StringAt(pod, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") {
    grace = 0;
  }
  return std::min(grace, kMaxGraceSeconds);
}

void BumpGeneration(json& metadata) {
  if (const auto generation = IntegerAt(metadata, "generation"); generation && *generation > 0) {
    metadata["generation"] = *generation + 1;
  }
}

// Only a shorter grace changes an object that is being deleted already; it counts from the first
// deletion, and ends now at the earliest (CM5).
void ShortenGrace(json& metadata, std::int64_t grace, std::int64_t unix_nanos) {
  const auto before = IntegerAt(metadata, "deletionGracePeriodSeconds");
  const auto at = ParseTime(StringAt(metadata, "deletionTimestamp"));
  if (!before || !at || grace >= *before) return;
  const std::int64_t end = *at + (grace - *before) * kNanosPerSecond;
  metadata["deletionTimestamp"] = FormatTime(std::max(end, unix_nanos));
  metadata["deletionGracePeriodSeconds"] = grace;
}

bool HasFinalizers(const json* finalizers) {
  return finalizers != nullptr && finalizers->is_array() && !finalizers->empty();
}

// Sets the garbage collector's finalizers as the last deletion requests.
void SetCollectorFinalizers(json& metadata, const DeletionOptions& options) {
  json kept = json::array();
  const json* finalizers = Find(metadata, "finalizers");
  for (std::size_t i = 0; i < SizeOf(finalizers); ++i) {
    const json& finalizer = (*finalizers)[i];
    if (finalizer != kOrphanFinalizer && finalizer != kForegroundFinalizer) {
      kept.push_back(finalizer);
    }
  }
  if (options.orphan) kept.push_back(kOrphanFinalizer);
  if (options.foreground) kept.push_back(kForegroundFinalizer);
  if (kept.empty()) {
    Erase(metadata, "finalizers");
  } else {
    metadata["finalizers"] = std::move(kept);
  }
}

}  // namespace

json MarkForDeletion(const Kind& kind, json object, const DeletionOptions& options,
                     std::int64_t unix_nanos) {
  if (!object.is_object()) return object;
  json* metadata = ObjectAt(object, "metadata");
  if (metadata == nullptr) return object;
  const DeletionPolicy& policy = kind.deletion;
  if (policy.garbage_collected) {
    SetCollectorFinalizers(*metadata, {.grace_seconds = {},
                                       .orphan = options.orphan,
                                       .foreground = options.foreground && policy.foreground});
  }
  const std::int64_t grace = policy.graceful ? GraceSeconds(object, options) : 0;
  if (Find(*metadata, "deletionTimestamp") != nullptr) {
    if (policy.graceful && options.grace_seconds) ShortenGrace(*metadata, grace, unix_nanos);
    return object;
  }
  (*metadata)["deletionTimestamp"] = FormatTime(unix_nanos + grace * kNanosPerSecond);
  if (kind.mark_deleted) {
    kind.mark_deleted(object, unix_nanos);
    return object;
  }
  (*metadata)["deletionGracePeriodSeconds"] = grace;
  BumpGeneration(*metadata);
  return object;
}

std::optional<json> DeleteObject(const Kind& kind, json object, const DeletionOptions& options,
                                 std::int64_t unix_nanos) {
  json marked = MarkForDeletion(kind, std::move(object), options, unix_nanos);
  const json* metadata = Find(marked, "metadata");
  const bool no_object = metadata == nullptr || !metadata->is_object();
  if (no_object || ReadyToVanish(kind, marked)) return std::nullopt;
  return std::optional<json>(std::in_place, std::move(marked));
}

bool ReadyToVanish(const Kind& kind, const json& object) {
  if (Find(object, {"metadata", "deletionTimestamp"}) == nullptr) return false;
  if (HasFinalizers(Find(object, {"metadata", "finalizers"}))) return false;
  if (kind.deletion.spec_finalizers && HasFinalizers(Find(object, {"spec", "finalizers"}))) {
    return false;
  }
  return !kind.deletion.graceful ||
         IntegerAt(object, {"metadata", "deletionGracePeriodSeconds"}).value_or(0) <= 0;
}

}  // namespace kless::kubernetes
