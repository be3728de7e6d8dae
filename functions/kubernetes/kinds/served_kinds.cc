#include "functions/kubernetes/kinds/served_kinds.h"

#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

const std::vector<Kind>& ViewKinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> views = {EventViewKind()};
    for (Kind& kind : views) kind.schema = FindSchema(kind.ApiVersion(), kind.kind);
    return views;
  }();
  return kinds;
}

const std::vector<const Kind*>& ServedKinds() {
  static const std::vector<const Kind*> kinds = [] {
    std::vector<const Kind*> served;
    for (const Kind& kind : Kinds()) served.push_back(&kind);
    for (const Kind& kind : ViewKinds()) served.push_back(&kind);
    return served;
  }();
  return kinds;
}

}  // namespace kless::kubernetes
