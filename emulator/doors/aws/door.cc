#include "emulator/doors/aws/door.h"

#include <string_view>
#include <utility>

namespace kless::doors {
namespace {

std::string_view HeaderText(const HttpRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

bool IsForIndex(const HttpRequest& request) {
  if (HeaderText(request, "authorization").starts_with("AWS4-")) return false;
  const std::string_view accept = HeaderText(request, "accept");
  if (accept.find("json") != std::string_view::npos ||
      accept.find("html") != std::string_view::npos)
    return true;
  const std::string_view agent = HeaderText(request, "user-agent");
  for (const std::string_view name : {"curl/", "Wget/", "Mozilla/", "kubectl", "kless"}) {
    if (agent.starts_with(name)) return true;
  }
  return false;
}

AwsDoor::AwsDoor(aws::AccountDefaults defaults, std::uint64_t seed)
    : protocol_(std::move(defaults), seed) {}

void AwsDoor::Add(aws::Service service) { protocol_.Add(std::move(service)); }

void AwsDoor::Register(Router& router) {
  index_ = router.HandlerOf("GET", "/");
  router.SetBodyLimit("/", aws::kBodyBytesMax, PathScope::kOnly);
  router.SetErrorRenderer(
      "/",
      [this](const HttpRequest& request, int status, const std::string& message) {
        if (status == 413) return protocol_.TooLarge();
        return protocol_.Refused(request, status, message);
      },
      PathScope::kOnly);
  router.Add("GET", "/", [this](HttpRequest request) { return Get(std::move(request)); });
  router.Add("POST", "/", [this](HttpRequest request) { return Post(std::move(request)); });
  for (const char* const method : {"PUT", "DELETE", "PATCH"}) {
    router.Add(method, "/", [this](HttpRequest request) { return Unknown(std::move(request)); });
  }
  router.Add("OPTIONS", "/", [this](HttpRequest request) { return Options(std::move(request)); });
}

Task<HttpResponse> AwsDoor::Get(HttpRequest request) {
  if (index_ && IsForIndex(request)) {
    HttpResponse response = co_await index_(std::move(request));
    co_return response;
  }
  co_return protocol_.Healthy(request);
}

Task<HttpResponse> AwsDoor::Post(HttpRequest request) { co_return protocol_.Answer(request); }

Task<HttpResponse> AwsDoor::Options(HttpRequest request) { co_return protocol_.Preflight(request); }

Task<HttpResponse> AwsDoor::Unknown(HttpRequest request) {
  co_return protocol_.UnknownOperation(request);
}

}  // namespace kless::doors
