// Durations as Kubernetes shows ages: "5s", "3m20s", "27h", "2y11d".
#pragma once

#include <cstdint>
#include <string>

namespace kless::kubernetes {

// The two largest relevant units; "<invalid>" if negative by 2 s or more.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go
std::string HumanDuration(std::int64_t nanos);

}  // namespace kless::kubernetes
