// Kubernetes quantities ("500m", "1Gi"), as far as comparing them goes.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace kless::kubernetes {

// The value in base units (cores, bytes); 0 for what is no quantity.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
double QuantityValue(const nlohmann::json& quantity);

}  // namespace kless::kubernetes
