#include "emulator/doors/http/router.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"

namespace kless {
namespace {

namespace urls = boost::urls;

const std::string& ValueOrNothing(const std::map<std::string, std::string>& values,
                                  const std::string& name) {
  static const std::string nothing;
  const auto found = values.find(name);
  return found == values.end() ? nothing : found->second;
}

}  // namespace

const std::string& HttpRequest::Query(const std::string& name) const {
  return ValueOrNothing(query, name);
}

const std::string& HttpRequest::Header(const std::string& name) const {
  return ValueOrNothing(headers, name);
}

struct Router::Node {
  std::map<std::string, std::shared_ptr<Node>> literals;
  std::shared_ptr<Node> parameter;
  std::string parameter_name;
  bool takes_rest = false;
  std::map<std::string, HttpHandler> methods;
  std::map<std::string, RouteDescription> descriptions;  // of the methods that have one
  // Appends the routes of this node and below; `path` is the path to it.
  void Collect(const std::string& path, std::vector<Route>* routes) const;
};

void Router::Node::Collect(const std::string& path, std::vector<Route>* routes) const {
  for (const auto& [method, handler] : methods) {
    const auto described = descriptions.find(method);
    routes->push_back({method, path.empty() ? "/" : path,
                       described == descriptions.end() ? RouteDescription{} : described->second});
  }
  for (const auto& [literal, next] : literals) next->Collect(path + "/" + literal, routes);
  if (!parameter) return;
  const std::string& name = parameter->parameter_name;
  parameter->Collect(path + "/{" + name + (parameter->takes_rest ? "...}" : "}"), routes);
}

namespace {

std::vector<std::string_view> Segments(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (path.empty()) return {};
  return Split(path, '/');
}

}  // namespace

void Router::Add(std::string method, std::string_view pattern, HttpHandler handler,
                 RouteDescription description) {
  if (!root_) root_ = std::make_shared<Node>();
  Node* node = root_.get();
  for (const std::string_view segment : Segments(pattern)) {
    if (segment.size() > 2 && segment.front() == '{') {
      std::string_view name = segment.substr(1, segment.size() - 2);
      const bool rest = name.ends_with("...");
      if (rest) name.remove_suffix(3);
      if (!node->parameter) node->parameter = std::make_shared<Node>();
      node = node->parameter.get();
      node->parameter_name = name;
      node->takes_rest = rest;
    } else {
      auto& next = node->literals[std::string(segment)];
      if (!next) next = std::make_shared<Node>();
      node = next.get();
    }
  }
  if (*description.summary != '\0') node->descriptions[method] = description;
  node->methods[std::move(method)] = std::move(handler);
}

HttpHandler Router::HandlerOf(const std::string& method, std::string_view pattern) const {
  const Node* node = root_.get();
  for (const std::string_view segment : Segments(pattern)) {
    if (node == nullptr) return {};
    const auto next = node->literals.find(std::string(segment));
    node = next == node->literals.end() ? nullptr : next->second.get();
  }
  if (node == nullptr) return {};
  const auto handler = node->methods.find(method);
  return handler == node->methods.end() ? HttpHandler() : handler->second;
}

std::vector<Route> Router::Routes(std::string_view prefix) const {
  std::vector<Route> routes;
  std::string path;
  const Node* node = root_.get();
  for (const std::string_view segment : Segments(prefix)) {
    if (node == nullptr) return routes;
    const auto next = node->literals.find(std::string(segment));
    node = next == node->literals.end() ? nullptr : next->second.get();
    path.append("/").append(segment);
  }
  if (node != nullptr) node->Collect(path, &routes);
  return routes;
}

void Router::SetErrorRenderer(std::string prefix, ErrorRenderer renderer, PathScope scope) {
  if (scope == PathScope::kOnly) {
    renderers_of_paths_[std::move(prefix)] = std::move(renderer);
    return;
  }
  renderers_.emplace_back(std::move(prefix), std::move(renderer));
}

void Router::SetBodyLimit(std::string prefix, std::size_t bytes, PathScope scope) {
  if (scope == PathScope::kOnly) {
    limits_of_paths_[std::move(prefix)] = bytes;
    return;
  }
  limits_.emplace_back(std::move(prefix), bytes);
}

std::size_t Router::BodyLimit(std::string_view path) const {
  const auto own = limits_of_paths_.find(path);
  if (own != limits_of_paths_.end()) return own->second;
  std::size_t best = 0;
  std::size_t limit = 1u << 20;
  for (const auto& [prefix, bytes] : limits_) {
    if (path.starts_with(prefix) && prefix.size() >= best) {
      best = prefix.size();
      limit = bytes;
    }
  }
  return limit;
}

HttpResponse Router::RenderError(const HttpRequest& request, int status,
                                 std::string message) const {
  const auto own = renderers_of_paths_.find(request.path);
  if (own != renderers_of_paths_.end()) return own->second(request, status, std::move(message));
  const ErrorRenderer* best = nullptr;
  std::size_t length = 0;
  for (const auto& [prefix, renderer] : renderers_) {
    if (request.path.starts_with(prefix) && prefix.size() >= length) {
      best = &renderer;
      length = prefix.size();
    }
  }
  if (best != nullptr) return (*best)(request, status, std::move(message));
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(message) + "\n";
  return response;
}

Task<HttpResponse> Router::Dispatch(HttpRequest request) const {
  // Literal segments win; if a literal branch fails, the parameter on the same level is tried.
  const std::vector<std::string_view> segments = Segments(request.path);
  std::map<std::string, std::string> params;
  const std::function<const Node*(const Node*, std::size_t)> find =
      [&](const Node* node, std::size_t at) -> const Node* {
    if (node == nullptr) return nullptr;
    if (at == segments.size()) return node->methods.empty() ? nullptr : node;
    const auto literal = node->literals.find(std::string(segments[at]));
    if (literal != node->literals.end()) {
      if (const Node* found = find(literal->second.get(), at + 1)) return found;
    }
    const Node* parameter = node->parameter.get();
    if (parameter == nullptr) return nullptr;
    if (parameter->takes_rest) {
      std::string rest(segments[at]);
      for (std::size_t i = at + 1; i < segments.size(); ++i) rest.append("/").append(segments[i]);
      params[parameter->parameter_name] = rest;
      return parameter;
    }
    if (segments[at].empty()) return nullptr;
    if (const Node* found = find(parameter, at + 1)) {
      params[parameter->parameter_name] = std::string(segments[at]);
      return found;
    }
    return nullptr;
  };
  const Node* node = find(root_.get(), 0);
  if (node == nullptr) co_return RenderError(request, 404, "no such path: " + request.path);
  const auto method = node->methods.find(request.method);
  if (method == node->methods.end()) {
    HttpResponse response = RenderError(request, 405, request.method + " is not supported here");
    std::string allow;
    for (const auto& [name, handler] : node->methods) allow += (allow.empty() ? "" : ", ") + name;
    response.headers.emplace_back("Allow", allow);
    co_return response;
  }
  for (auto& [name, value] : params) request.params[name] = std::move(value);
  HttpRequest for_errors;
  for_errors.method = request.method;
  for_errors.path = request.path;
  std::string failure;
  try {
    HttpResponse response = co_await method->second(std::move(request));
    co_return response;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    failure = error.what();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  Log(LogLevel::kError, "router", for_errors.method + " " + for_errors.path + ": " + failure);
  co_return RenderError(for_errors, 500, "internal error: " + failure);
}

namespace {

// Percent-encodes what is not visible ASCII, since log and recording write the target as JSON.
std::string Visible(std::string_view target) {
  std::string visible;
  visible.reserve(target.size());
  for (const char& c : target) {
    if (c > ' ' && c <= '~') {
      visible.push_back(c);
    } else {
      visible += urls::encode({&c, 1}, urls::unreserved_chars);
    }
  }
  return visible;
}

// nullopt: an escape is malformed.  All other characters stand for themselves, as in Go.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  const auto checked = urls::make_pct_string_view(text);
  if (!checked) return std::nullopt;
  return checked->decode(urls::encoding_opts(plus_is_space));
}

}  // namespace

Result<void> ParseTarget(std::string_view target, HttpRequest* request) {
  const Error malformed = MakeError(ErrorCode::kInvalidArgument, "malformed request target");
  request->target = Visible(target);
  if (target.empty() || target.front() != '/') return malformed;
  const auto mark = target.find('?');
  auto path = PercentDecode(target.substr(0, mark), false);
  if (!path) return malformed;
  request->path = std::move(*path);
  request->query.clear();
  if (mark == std::string_view::npos) return {};
  for (const std::string_view pair : Split(target.substr(mark + 1), '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value) return malformed;
    request->query[std::move(*name)] = std::move(*value);
  }
  return {};
}

}  // namespace kless
