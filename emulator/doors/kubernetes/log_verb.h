// GET of pods/log: what the simulated containers have written.
#pragma once

#include "emulator/base/router.h"
#include "emulator/base/task.h"
#include "emulator/doors/kubernetes/resource.h"

namespace kless::doors {

// Text, one line each; with `follow` a stream until the container ends.  204 of a pod without a
// node; 400, 404, 422 with the API server's sentences.  The world outlives the answer's stream.
Task<HttpResponse> ReadLog(KubernetesWorld* world, ResourcePath path, HttpRequest request);

// exec, attach and portforward, which end where a kubelet would begin: 400 of a pod without a
// node, 404, else 501.
HttpResponse ConnectPod(KubernetesWorld& world, const ResourcePath& path,
                        const HttpRequest& request);

}  // namespace kless::doors
