// PUT in the Kubernetes door: replaces an object, and the update that patches and applies make.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "emulator/doors/kubernetes/write/steps.h"
#include "store/item/item.h"

namespace kless::doors {

HttpResponse ServeReplace(KubernetesContext& context, const ResourcePath& path,
                          const HttpRequest& request);
// Makes one attempt to write an object over an item, which was read as `stored`.  nullopt: another
// writer was faster.
std::optional<HttpResponse> UpdateObject(KubernetesContext& context, ObjectWrite write,
                                         nlohmann::json object, const Item& item,
                                         const nlohmann::json& stored);

}  // namespace kless::doors
