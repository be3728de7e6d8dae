// PATCH in the Kubernetes door: JSON, merge and strategic merge patches, and applies.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

HttpResponse ServePatch(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request);

}  // namespace kless::doors
