// The subresource "scale": the replicas of an object as an autoscaling/v1 Scale.
#pragma once

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

HttpResponse ServeScale(KubernetesContext& context, const ResourcePath& path);
HttpResponse ReplaceScale(KubernetesContext& context, const ResourcePath& path,
                          const HttpRequest& request);
HttpResponse PatchScale(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request);

}  // namespace kless::doors
