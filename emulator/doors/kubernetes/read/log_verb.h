// GET of pods/log: the output of the simulated containers.
#pragma once

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

// Returns one line of text each; with `follow`, a stream until the container ends. 204 for a pod
// without a node; 400, 404, 422 with the API server's messages.  The world must outlive the stream.
Task<HttpResponse> ReadLog(KubernetesContext* context, ResourcePath path, HttpRequest request);

// exec, attach and portforward, which end where the kubelet would be called: 400 for a pod without
// a node, 404, else 501.
HttpResponse ConnectPod(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request);

}  // namespace kless::doors
