// Plain HTTP structs and the route table.  There are no sockets here: the HTTP server converts to
// these structs, and virtual runs call Dispatch directly.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/loop/task.h"

namespace kless {

struct HttpRequest {
  std::string method;                          // uppercase
  std::string target;                          // as received: path and query, percent-encoded
  std::string path;                            // percent-decoded per segment, no query
  std::map<std::string, std::string> query;    // decoded; the last of equal names wins
  std::map<std::string, std::string> headers;  // names in lowercase
  std::map<std::string, std::string> params;   // set by the router from {name} segments
  std::string body;

  // The value of a query parameter, or of a header by its name in lowercase; "" if there is none.
  const std::string& Query(const std::string& name) const;
  const std::string& Header(const std::string& name) const;
};

// The body of a streamed response.  Write completes once the chunk is handed to the socket (back
// pressure); kCancelled: the client has disconnected.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Task<Result<void>> Write(std::string chunk) = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Set for watches and followed feeds: `body` is ignored, and chunks are sent as they are written.
  // The task is cancelled when the client disconnects or the server stops.
  std::function<Task<>(std::shared_ptr<BodyWriter>)> stream;
};

using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;
// Renders an error in the wire form of the door that owns the path.
using ErrorRenderer =
    std::function<HttpResponse(const HttpRequest&, int status, std::string message)>;

// A query parameter, or a member of a JSON body.
struct RouteField {
  const char* name;
  const char*
      type;  // of JSON: "string", "integer", "number", "boolean", "array", "object"; "": any
  const char* help;  // a phrase with unit, range and default
};

// The description of a route in an index of the routes; all of it must outlive the router.
struct RouteDescription {
  const char* summary =
      "";  // one sentence without a full stop; empty if the route is not described
  std::span<const RouteField> query = {};
  std::span<const RouteField> body = {};
  bool has_body = false;  // also set if `body` does not list every member
};

struct Route {
  std::string method;
  std::string pattern;
  RouteDescription description;
};

// Which requests a renderer or a limit is for: those of the path and all below it, or the path's
// own, before any that is for a prefix.
enum class PathScope { kBelow, kOnly };

class Router {
 public:
  // `pattern` is like "/api/v1/namespaces/{namespace}/pods"; a last segment "{rest...}" matches the
  // rest of the path.  Literal segments win over parameters.
  void Add(std::string method, std::string_view pattern, HttpHandler handler,
           RouteDescription description = {});
  // Empty if there is none.
  HttpHandler HandlerOf(const std::string& method, std::string_view pattern) const;
  // Returns the route of `prefix` and all below it, by path and method.
  std::vector<Route> Routes(std::string_view prefix) const;
  // `renderer` renders 404, 405, 413 and 500 under `prefix`; the longest prefix wins.
  void SetErrorRenderer(std::string prefix, ErrorRenderer renderer,
                        PathScope scope = PathScope::kBelow);
  // Requests under `prefix` with a body above `bytes` get a 413 before the body is read.
  void SetBodyLimit(std::string prefix, std::size_t bytes, PathScope scope = PathScope::kBelow);

  // Never throws except for cancellation: an exception from a handler is logged and becomes a 500.
  Task<HttpResponse> Dispatch(HttpRequest request) const;
  HttpResponse RenderError(const HttpRequest& request, int status, std::string message) const;
  std::size_t BodyLimit(std::string_view path) const;

 private:
  struct Node;
  std::shared_ptr<Node> root_ = nullptr;
  std::vector<std::pair<std::string, ErrorRenderer>> renderers_;
  std::vector<std::pair<std::string, std::size_t>> limits_;
  std::map<std::string, ErrorRenderer, std::less<>> renderers_of_paths_;  // PathScope::kOnly
  std::map<std::string, std::size_t, std::less<>> limits_of_paths_;       // PathScope::kOnly
};

// Sets target, path and query; '+' is a space in the query.  Characters of the target that are not
// visible ASCII are percent-encoded.  Errors: kInvalidArgument.
Result<void> ParseTarget(std::string_view target, HttpRequest* request);

}  // namespace kless
