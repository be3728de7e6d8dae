// Deletion of objects: grace of pods, finalizers, orphan and foreground.  No I/O.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

constexpr const char* kOrphanFinalizer = "orphan";
constexpr const char* kForegroundFinalizer = "foregroundDeletion";

// grace_seconds is from DeleteOptions; nullopt: the object's own. orphan and foreground set the
// finalizer that the garbage collector removes once the dependents are released or gone; with
// neither (background), both are removed.  Kind::deletion says which of them a kind has.
struct DeletionOptions {
  std::optional<std::int64_t> grace_seconds;
  bool orphan = false;
  bool foreground = false;
};
// The object with deletionTimestamp, grace and finalizers as a deletion sets them.  It is also the
// API server's reply when a pod is removed at once.
nlohmann::json MarkForDeletion(const Kind& kind, nlohmann::json object,
                               const DeletionOptions& options, std::int64_t unix_nanos);
// The effect of a deletion: the document to write, or nullopt to remove the object now.
std::optional<nlohmann::json> DeleteObject(const Kind& kind, nlohmann::json object,
                                           const DeletionOptions& options, std::int64_t unix_nanos);
// Whether an object can be removed: it has a deletionTimestamp and no finalizers (and, for pods, no
// grace to wait for).
bool ReadyToVanish(const Kind& kind, const nlohmann::json& object);

}  // namespace kless::kubernetes
