// The handlers of a path, and the conversion of their replies to the form that the client requests.
#pragma once

#include <functional>
#include <memory>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/negotiation.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

using PathHandler = std::function<Task<HttpResponse>(ResourcePath, HttpRequest)>;

// Wraps a reply that is ready.
Task<HttpResponse> Now(HttpResponse response);
// Whether the query has ?watch=true.
bool WantsWatch(const HttpRequest& request);

// Calls the handler, and converts its reply to the requested form.
Task<HttpResponse> ServePath(EventLoop& event_loop, ResourcePath path, OutputOffer offer,
                             std::shared_ptr<const PathHandler> handler, HttpRequest request);

}  // namespace kless::doors
