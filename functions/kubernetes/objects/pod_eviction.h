// Evictions (the subresource pods/eviction) under a PodDisruptionBudget: recordings PB5 and later.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/pod/storage/eviction.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

constexpr const char* kEvictionRefused =
    "Cannot evict pod as it would violate the pod's disruption budget.";

// Whether a pod may be evicted regardless of budgets: it is pending, finished or being deleted.
bool EvictionIgnoresBudgets(const nlohmann::json& pod);

// Whether a pod's only budget does not apply because the pod is not ready.
bool BudgetIgnoresPod(const nlohmann::json& budget, const nlohmann::json& pod);

// Deducts the eviction of `pod_name` in the budget's status.  Returns why the budget does not allow
// it (the message of the cause "DisruptionBudget"), or nullopt.
std::optional<std::string> TakeDisruption(nlohmann::json& budget, const std::string& pod_name,
                                          std::int64_t unix_nanos);

}  // namespace kless::kubernetes
