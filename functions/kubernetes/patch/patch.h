// PATCH of objects: JSON patch (RFC 6902), merge patch (RFC 7386), strategic merge patch.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/patch/patch_problem.h"

namespace kless::kubernetes {

enum class PatchType { kJson, kMerge, kStrategic };

// The patch type of a Content-Type, with or without parameters; nullopt for another type, or
// server-side apply.
std::optional<PatchType> PatchTypeOf(std::string_view content_type);

// Applies `patch` to `object`, whose contents are unspecified after a problem.
std::optional<PatchProblem> ApplyPatch(const Kind& kind, PatchType type,
                                       const nlohmann::json& patch, nlohmann::json& object);

}  // namespace kless::kubernetes
