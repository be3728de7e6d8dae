// The subresources of the Kubernetes door as a table: name, verb, handler.  A kind has those of the
// rows that its description lists (Kind::subresources, Kind::has_status).
#pragma once

#include <span>
#include <string_view>

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/read/list.h"
#include "emulator/doors/kubernetes/wire/negotiation.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

// What the handlers act on; it lives as long as the door.
struct DoorParts {
  KubernetesContext& context;
  KubernetesReader& reader;
};

struct SubresourceVerb {
  const char* subresource;
  const char* verb;    // as discovery names it: "update"
  const char* method;  // "PUT"
  Task<HttpResponse> (*handle)(DoorParts* parts, ResourcePath path, HttpRequest request);
  // The forms of the reply; null: text, whatever the client accepts.
  OffersKind offers;
};

std::span<const SubresourceVerb> SubresourceVerbs();
// Null if the subresource does not have the method.
const SubresourceVerb* FindSubresourceVerb(std::string_view subresource, std::string_view method);

}  // namespace kless::doors
