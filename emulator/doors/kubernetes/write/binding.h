// The subresource pods/binding: a scheduler places a pod on a node.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

// With an empty path.name the body names the pod (the collection "bindings").
HttpResponse ServeBinding(KubernetesContext& context, const ResourcePath& path,
                          const HttpRequest& request);

}  // namespace kless::doors
