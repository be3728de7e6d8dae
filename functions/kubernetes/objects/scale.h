// The subresource "scale": converts an object to an autoscaling/v1 Scale and back.  No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// The kind of the subresource's bodies; it is in no registry.
const Kind& ScaleKind();

// metadata (name, namespace, uid, resourceVersion, creationTimestamp), spec.replicas,
// status.replicas and status.selector, read from the object by kind.scale.
nlohmann::json ScaleOf(const Kind& kind, const nlohmann::json& object);
// Whether the object has a number of wanted replicas.
bool HasReplicas(const Kind& kind, const nlohmann::json& object);
// Validates a Scale from a client.
std::vector<FieldError> ValidateScale(const nlohmann::json& scale);
// Sets the replicas of the object to those of the Scale (0 if it has none).
void ApplyScale(const Kind& kind, const nlohmann::json& scale, nlohmann::json& object);

}  // namespace kless::kubernetes
