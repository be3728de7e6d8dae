// The subresource pods/eviction: deletes a pod if its PodDisruptionBudget allows it.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

HttpResponse ServeEviction(KubernetesContext& context, const ResourcePath& path,
                           const HttpRequest& request);

}  // namespace kless::doors
