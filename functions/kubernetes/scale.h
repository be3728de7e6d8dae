// The subresource "scale": an object as an autoscaling/v1 Scale, and the way back.  No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

// The kind of the bodies of the subresource; in no registry.
const Kind& ScaleKind();

// metadata (name, namespace, uid, resourceVersion, creationTimestamp), spec.replicas,
// status.replicas and status.selector, as kind.scale finds them in the object.
nlohmann::json ScaleOf(const Kind& kind, const nlohmann::json& object);
// Whether the object says how many replicas it wants.
bool HasReplicas(const Kind& kind, const nlohmann::json& object);
// What is wrong with a Scale that a client sends.
std::vector<FieldError> ValidateScale(const nlohmann::json& scale);
// Sets the replicas of the object to those of the Scale (0 if it has none).
void ApplyScale(const Kind& kind, const nlohmann::json& scale, nlohmann::json& object);

}  // namespace kless::kubernetes
