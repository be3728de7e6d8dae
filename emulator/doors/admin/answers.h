// Helpers that the handlers of the admin door share: replies, errors, query parameters, bodies.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/doors/http/router.h"

namespace kless::doors {

HttpResponse JsonReply(const nlohmann::json& json, int status = 200);
// {"error":{"code":"NotFound","message":"..."}} with the HTTP status that fits the code.
HttpResponse ErrorReply(const Error& error);
nlohmann::json ErrorToJson(std::string_view code, const std::string& message);
int HttpStatusOf(ErrorCode code);

// A handler that replies without waiting.
HttpHandler Immediate(std::function<HttpResponse(const HttpRequest&)> handler);
// Adds a route that refuses every query parameter that its description does not name, with the most
// similar one that it names: the parameters in the index of the API are those that are checked.
void AddAdminRoute(Router& router, const char* method, std::string_view pattern,
                   RouteDescription description, HttpHandler handler);

// Reads query parameters and remembers the first problem: read all of them, then check problem().
class Parameters {
 public:
  explicit Parameters(const HttpRequest& request) : request_(request) {}

  std::optional<std::string> Text(const std::string& name) const;
  std::uint64_t Number(const std::string& name, std::uint64_t absent, std::uint64_t low,
                       std::uint64_t high);
  bool Flag(const std::string& name);
  void Report(std::string message);
  const std::optional<Error>& problem() const { return problem_; }

 private:
  const HttpRequest& request_;
  std::optional<Error> problem_;
};

// The body as an object, all of whose fields must be in `known`; an empty body is {}.
Result<nlohmann::json> ParseBody(const HttpRequest& request, std::span<const RouteField> known);

}  // namespace kless::doors
