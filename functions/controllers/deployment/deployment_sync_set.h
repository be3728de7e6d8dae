// A ReplicaSet during one reconcile of its Deployment.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/deployment/deployment_sync.h"

namespace kless::controllers {

struct DeploymentSync::Set {
  Set();
  ResourceId id;
  std::uint64_t version = 0;  // 0 if this plan creates it
  std::string uid;
  bool deleting = false;
  bool dirty = false;
  std::size_t batch = 0;      // index of its write, if dirty
  std::int64_t observed = 0;  // its size before this plan
  std::vector<EventNote> notes;
  std::shared_ptr<nlohmann::json> held;
  nlohmann::json& object;  // the document
};

}  // namespace kless::controllers
