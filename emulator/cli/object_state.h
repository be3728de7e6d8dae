// ObjectState: the state of objects in words, to explain why a wait is not over.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/error.h"
#include "emulator/cli/api_client.h"

namespace kless::cli {

// Calls `visit` with each object of a collection, page by page.
Result<void> ForEachObject(ApiClient& api, const std::string& path,
                           const std::function<void(const nlohmann::json&)>& visit);

// Returns the state of the object and of its pods as clauses joined by "; ": "1 of 1 pods is
// Running on node-0"; "its condition Available is False (...)"; "this kless has no nodes, ...".
// Returns "" if the daemon does not provide it.  Nodes are not mentioned where only the existence
// of the pods matters: that needs none.
enum class Awaited { kPods, kAnything };
std::string DescribeState(ApiClient& api, const nlohmann::json& object,
                          Awaited awaited = Awaited::kAnything);

}  // namespace kless::cli
