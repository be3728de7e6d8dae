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
    : defaults_(std::move(defaults)),
      replies_(seed),
      json_(defaults_, services_, replies_),
      query_(defaults_, services_, replies_),
      rest_json_(defaults_, services_, replies_) {}

void AwsDoor::Add(aws::Service service) { services_.Add(std::move(service)); }

void AwsDoor::Add(aws::Service service, std::vector<aws::RestRoute> routes) {
  const std::string prefix = service.target_prefix;
  Add(std::move(service));
  for (aws::RestRoute& route : routes) {
    const aws::Service* const added = services_.ServiceOfTarget(prefix + "." + route.operation);
    rest_.push_back({added, std::move(route), nullptr});
  }
}

void AwsDoor::AddBlob(const std::string& service, std::string method, std::string pattern,
                      BlobOperation run) {
  aws::RestRoute route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  rest_.push_back({services_.ServiceOfTarget(service + "."), std::move(route), std::move(run)});
}

void AwsDoor::NoteWriters(Store& store, WriterLog& log) {
  store_ = &store;
  writers_ = &log;
}

void AwsDoor::Register(Router& router) {
  index_ = router.HandlerOf("GET", "/");
  router.SetBodyLimit("/", aws::kBodyBytesMax, PathScope::kOnly);
  const ErrorRenderer renderer = [this](const HttpRequest& request, int status,
                                        const std::string& message) {
    if (status == 413) return replies_.TooLarge();
    return replies_.Refused(request, status, message);
  };
  router.SetErrorRenderer("/", renderer, PathScope::kOnly);
  router.Add("GET", "/", [this](HttpRequest request) { return Get(std::move(request)); });
  router.Add("POST", "/", [this](HttpRequest request) { return Post(std::move(request)); });
  for (const char* const method : {"PUT", "DELETE", "PATCH"}) {
    router.Add(method, "/", [this](HttpRequest request) { return Unknown(std::move(request)); });
  }
  router.Add("OPTIONS", "/", [this](HttpRequest request) { return Options(std::move(request)); });
  RegisterQueuePaths(router);
  RegisterRestPaths(router);
}

// Some clients end the path of a collection with a slash.
void AwsDoor::RegisterRestPaths(Router& router) {
  for (const Rest& rest : rest_) {
    for (const char* const end : {"", "/"}) {
      router.Add(rest.route.method, rest.route.pattern + end,
                 [this, &rest](HttpRequest request) { return OnRest(&rest, std::move(request)); });
    }
  }
}

Task<HttpResponse> AwsDoor::OnRest(const Rest* rest, HttpRequest request) {
  if (rest->blob) {
    auto caller = rest_json_.CallerOf(request, *rest->service);
    if (caller.has_error()) co_return rest_json_.ErrorReply(request, caller.error());
    HttpResponse response =
        co_await rest->blob(rest_json_, std::move(request), std::move(caller.value()));
    co_return response;
  }
  aws::BegunRequest begun = rest_json_.Begin(request, *rest->service, rest->route);
  co_return rest_json_.Finish(request, rest->route, std::move(begun));
}

void AwsDoor::RegisterQueuePaths(Router& router) {
  router_ = &router;
  for (const char* const method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"}) {
    router.Add(method, "/{account}/{queue}",
               [this](HttpRequest request) { return OnQueuePath(std::move(request)); });
  }
  // An account begins with a digit, and no other path does.
  for (char digit = '0'; digit <= '9'; ++digit) {
    router.SetBodyLimit(std::string("/") + digit, aws::kBodyBytesMax);
  }
}

Task<HttpResponse> AwsDoor::Get(HttpRequest request) {
  if (aws::IsQueryRequest(request)) {
    HttpResponse response = co_await Post(std::move(request));
    co_return response;
  }
  if (index_ && IsForIndex(request)) {
    HttpResponse response = co_await index_(std::move(request));
    co_return response;
  }
  co_return replies_.Make(request, nullptr, 200, "",
                          "healthy: dynamodb." + defaults_.region + ".amazonaws.com ");
}

Task<HttpResponse> AwsDoor::Post(HttpRequest request) {
  aws::Protocol& protocol =
      aws::IsQueryRequest(request) ? static_cast<aws::Protocol&>(query_) : json_;
  aws::BegunRequest begun = Begin(protocol, request);
  if (begun.later.valid()) begun.result = co_await std::move(begun.later);
  co_return protocol.Finish(request, std::move(begun));
}

// An operation that writes does so in the step in which it begins.
aws::BegunRequest AwsDoor::Begin(aws::Protocol& protocol, HttpRequest& request) {
  const std::string function = FunctionOfToken(HeaderText(request, "x-amz-security-token"));
  if (function.empty() || writers_ == nullptr) return protocol.Begin(request);
  const std::uint64_t before = store_->LastSequence();
  aws::BegunRequest begun = protocol.Begin(request);
  writers_->Note(before + 1, store_->LastSequence(), writers_->Find(function));
  return begun;
}

Task<HttpResponse> AwsDoor::Options(HttpRequest request) { co_return replies_.Preflight(request); }

Task<HttpResponse> AwsDoor::Unknown(HttpRequest request) {
  co_return replies_.UnknownOperation(request);
}

Task<HttpResponse> AwsDoor::OnQueuePath(HttpRequest request) {
  if (!aws::IsAccount(request.params["account"])) {
    co_return router_->RenderError(request, 404, "no such path: " + request.path);
  }
  if (request.method == "OPTIONS") co_return replies_.Preflight(request);
  const bool is_request =
      request.method == "POST" || (request.method == "GET" && aws::IsQueryRequest(request));
  if (!is_request) co_return replies_.UnknownOperation(request);
  HttpResponse response = co_await Post(std::move(request));
  co_return response;
}

}  // namespace kless::doors
