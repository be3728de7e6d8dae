#include "functions/controllers/deployment/deployment_loop.h"

#include "functions/controllers/deployment/deployment_sync.h"
#include "functions/controllers/loop/selecting_loop.h"

namespace kless::controllers {

ControlLoop DeploymentLoop() {
  const auto sync = [](const ResourceId& id, const ItemPtr& item, World& world) {
    return DeploymentSync(id, item, world).Run();
  };
  return SelectingLoop({"deployment", "replicaset", sync}, {"deployment", "replicaset"});
}

}  // namespace kless::controllers
