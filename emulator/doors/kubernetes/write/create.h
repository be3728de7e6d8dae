// POST in the Kubernetes door: creates an object.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "emulator/doors/kubernetes/write/steps.h"

namespace kless::doors {

HttpResponse ServeCreate(KubernetesContext& context, const ResourcePath& collection,
                         const HttpRequest& request);
// The same for an object that has been decoded already: 201, 409 if the name exists.
HttpResponse CreateObject(KubernetesContext& context, const ObjectWrite& request,
                          nlohmann::json object);

}  // namespace kless::doors
