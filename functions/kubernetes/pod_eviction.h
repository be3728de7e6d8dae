// Evictions (the subresource pods/eviction) against a PodDisruptionBudget: recordings PB5 and on.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/pod/storage/eviction.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

constexpr const char* kEvictionRefused =
    "Cannot evict pod as it would violate the pod's disruption budget.";

// Whether a pod may be evicted whatever the budgets say: it is pending, finished or going already.
bool EvictionIgnoresBudgets(const nlohmann::json& pod);

// Whether the one budget of a pod has no say because the pod is not ready.
bool BudgetIgnoresPod(const nlohmann::json& budget, const nlohmann::json& pod);

// Takes the eviction of `pod_name` off the budget's status.  Why it does not allow it (the message
// of the cause "DisruptionBudget"), or nullopt.
std::optional<std::string> TakeDisruption(nlohmann::json& budget, const std::string& pod_name,
                                          std::int64_t unix_nanos);

}  // namespace kless::kubernetes
