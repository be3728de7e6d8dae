#include "emulator/doors/kubernetes/path_handler.h"

#include <utility>

#include "emulator/doors/kubernetes/wire/representation.h"

namespace kless::doors {

namespace {

Task<HttpResponse> AnswerInForm(EventLoop* event_loop, OutputForm form, ResourcePath path,
                                HttpRequest request, std::shared_ptr<const PathHandler> handler) {
  const Representation representation = RepresentationOf(path.kind, form, request);
  HttpResponse response = co_await (*handler)(std::move(path), std::move(request));
  Represent(representation, *event_loop, &response);
  Format(form, &response);
  co_return response;
}

}  // namespace

Task<HttpResponse> Now(HttpResponse response) { co_return response; }

bool WantsWatch(const HttpRequest& request) {
  const auto found = request.query.find("watch");
  return found != request.query.end() && found->second != "false" && found->second != "0";
}

Task<HttpResponse> ServePath(EventLoop& event_loop, ResourcePath path, OutputOffer offer,
                             std::shared_ptr<const PathHandler> handler, HttpRequest request) {
  OutputForm form;
  offer.watching = offer.streams && WantsWatch(request);
  if (auto refusal = Negotiate(request, offer, &form)) return Now(std::move(*refusal));
  if (form.plain()) return (*handler)(std::move(path), std::move(request));
  return AnswerInForm(&event_loop, std::move(form), std::move(path), std::move(request),
                      std::move(handler));
}

}  // namespace kless::doors
