// DELETE in the Kubernetes door: one object, or those of a collection that a selection matches.
#pragma once

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

HttpResponse ServeDelete(KubernetesContext& context, const ResourcePath& path,
                         const HttpRequest& request);
Task<HttpResponse> ServeDeleteCollection(KubernetesContext* context, ResourcePath path,
                                         HttpRequest request);
// Deletes an object whatever its name, as the kind's DeletionPolicy says.
HttpResponse DeleteObject(KubernetesContext& context, const ResourcePath& path,
                          const DeleteOptions& options);

}  // namespace kless::doors
