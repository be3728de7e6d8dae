// What answers a request for a path, and how its answer gets the form that the client asks for.
#pragma once

#include <functional>
#include <memory>

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes/negotiation.h"
#include "emulator/doors/kubernetes/resource.h"

namespace kless::doors {

using PathHandler = std::function<Task<HttpResponse>(ResourcePath, HttpRequest)>;

// An answer that is there already.
Task<HttpResponse> Now(HttpResponse response);
// ?watch=true.
bool WantsWatch(const HttpRequest& request);

// Has the handler answer, and turns its answer into what the client asked for.
Task<HttpResponse> ServePath(Scheduler& scheduler, ResourcePath path, OutputOffer offer,
                             std::shared_ptr<const PathHandler> handler, HttpRequest request);

}  // namespace kless::doors
