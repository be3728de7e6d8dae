#include "functions/controllers/loops.h"

#include "functions/controllers/deployment/deployment_loop.h"
#include "functions/controllers/gc/gc_loop.h"
#include "functions/controllers/job/job_loop.h"
#include "functions/controllers/namespace/namespace_loop.h"
#include "functions/controllers/node/node_lifecycle_loop.h"
#include "functions/controllers/node/taint_eviction_loop.h"
#include "functions/controllers/podgc/podgc_loop.h"
#include "functions/controllers/replicaset/replica_set_loop.h"
#include "functions/controllers/scheduler/scheduler_loop.h"
#include "functions/controllers/serviceaccount/service_account_loops.h"
#include "functions/controllers/ttl/ttl_loop.h"

namespace kless::controllers {

const std::vector<ControlLoop>& ControlLoops() {
  static const std::vector<ControlLoop> kLoops = {
      JobLoop(),
      scheduler::SchedulerLoop(),
      TtlLoop(),
      GarbageCollectorLoop(),
      PodGcLoop(),
      NodeLifecycleLoop(),
      TaintEvictionLoop(),
      NamespaceLoop(),
      ServiceAccountLoop(),
      RootCertificateLoop(),
      ReplicaSetLoop(),
      DeploymentLoop(),
  };
  return kLoops;
}

}  // namespace kless::controllers
