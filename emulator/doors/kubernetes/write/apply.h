// Server-side apply in the Kubernetes door.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

HttpResponse ServeApply(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request);

}  // namespace kless::doors
