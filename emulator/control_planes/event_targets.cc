#include "emulator/control_planes/event_targets.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::control_planes {

controllers::EventTarget EventTargetOf(const ResourceId& id, const ItemPtr& item) {
  controllers::EventTarget target;
  const kubernetes::Kind* kind = kubernetes::FindKindByType(id.type);
  if (kind != nullptr) {
    target.api_version = kind->ApiVersion();
    target.kind = kind->kind;
  } else if (item) {
    // An object of a custom kind states its apiVersion and kind itself.
    const auto object = ParseJson(item->document);
    if (object.has_value()) {
      target.api_version = kubernetes::StringAt(object.value(), "apiVersion");
      target.kind = kubernetes::StringAt(object.value(), "kind");
    }
  }
  const auto slash = id.name.find('/');
  if (slash != std::string::npos) target.namespace_name = id.name.substr(0, slash);
  target.name = slash == std::string::npos ? id.name : id.name.substr(slash + 1);
  if (item) {
    if (item->fields) target.uid = item->fields->uid;
    target.resource_version = item->version;
  }
  return target;
}

}  // namespace kless::control_planes
