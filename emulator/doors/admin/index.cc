// GET /kless/v1: the routes of the admin API; GET openapi.json: the same as an OpenAPI document;
// GET /: the first paths.  All three are made from the routes registered in the router.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr const char* kMetricsPath = "/metrics";

std::vector<Route> DescribedRoutes(const Router& router) {
  std::vector<Route> described;
  for (const char* const prefix : {kAdminPrefix, kMetricsPath}) {
    for (Route& route : router.Routes(prefix)) {
      if (*route.description.summary != '\0') described.push_back(std::move(route));
    }
  }
  return described;
}

json FieldsToIndex(std::span<const RouteField> fields) {
  json object = json::object();
  for (const RouteField& field : fields) object[field.name] = field.help;
  return object;
}

HttpResponse Index(const Router& router) {
  json routes = json::array();
  for (const Route& route : DescribedRoutes(router)) {
    json one = {
        {"method", route.method}, {"path", route.pattern}, {"summary", route.description.summary}};
    if (!route.description.query.empty()) one["query"] = FieldsToIndex(route.description.query);
    if (!route.description.body.empty()) one["body"] = FieldsToIndex(route.description.body);
    routes.push_back(std::move(one));
  }
  return JsonReply({{"version", KLESS_VERSION},
                    {"openapi", std::string(kAdminPrefix) + "/openapi.json"},
                    {"routes", std::move(routes)}});
}

json SchemaOf(const RouteField& field) {
  json schema = {{"description", field.help}};
  if (*field.type != '\0') schema["type"] = field.type;
  if (field.type == std::string_view("array")) schema["items"] = json::object();
  return schema;
}

// Returns the names in braces of a pattern.
std::vector<std::string> PathParameters(std::string_view pattern) {
  std::vector<std::string> names;
  for (const std::string_view segment : Split(pattern, '/')) {
    if (segment.starts_with('{')) names.emplace_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

// Returns "post-functions-name-reset" for POST /kless/v1/functions/{name}/reset.
std::string OperationId(const Route& route) {
  std::string id;
  for (const char c : route.method) id.push_back(static_cast<char>(std::tolower(c)));
  std::string_view path = route.pattern;
  if (path.starts_with(kAdminPrefix)) path.remove_prefix(std::string_view(kAdminPrefix).size());
  for (const std::string_view segment : Split(path, '/')) {
    if (segment.empty()) continue;
    id += "-";
    for (const char c : segment) {
      if (c != '{' && c != '}') id.push_back(c);
    }
  }
  return id == "get" ? "get-index" : id;
}

json Operation(const Route& route) {
  const RouteDescription& description = route.description;
  json parameters = json::array();
  for (const std::string& name : PathParameters(route.pattern)) {
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const RouteField& field : description.query) {
    json schema = SchemaOf(field);
    schema.erase("description");
    parameters.push_back({{"name", field.name},
                          {"in", "query"},
                          {"description", field.help},
                          {"schema", std::move(schema)}});
  }
  const json error = {{"$ref", "#/components/schemas/Error"}};
  json operation = {{"operationId", OperationId(route)},
                    {"summary", description.summary},
                    {"parameters", std::move(parameters)},
                    {"responses",
                     {{"2XX", {{"description", "what was asked for"}}},
                      {"default",
                       {{"description", "what is wrong with the request, or with the world"},
                        {"content", {{"application/json", {{"schema", error}}}}}}}}}};
  if (!description.has_body) return operation;
  json schema = {{"type", "object"}};
  if (description.body.empty()) {
    schema = json::object();
  } else {
    schema["additionalProperties"] = false;
  }
  for (const RouteField& field : description.body) {
    schema["properties"][field.name] = SchemaOf(field);
  }
  operation["requestBody"] = {{"content", {{"application/json", {{"schema", schema}}}}}};
  return operation;
}

HttpResponse OpenApi(const Router& router) {
  json paths = json::object();
  for (const Route& route : DescribedRoutes(router)) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    paths[route.pattern][method] = Operation(route);
  }
  const json text = {{"type", "string"}};
  const json error = {{"type", "object"}, {"properties", {{"code", text}, {"message", text}}}};
  return JsonReply(
      {{"openapi", "3.0.3"},
       {"info",
        {{"title", "kless"},
         {"description", "The admin API of kless: clock, functions, faults, feed, tables, nodes"},
         {"version", KLESS_VERSION}}},
       {"paths", std::move(paths)},
       {"components",
        {{"schemas", {{"Error", {{"type", "object"}, {"properties", {{"error", error}}}}}}}}}});
}

// Lists them as an API server does: no path with a parameter, and none below /api/v1,
// /apis/GROUP/VERSION or /kless/v1; nor those of AWS, which begin with a date and want a signature.
HttpResponse RootPaths(const Router& router) {
  json paths = json::array();
  for (const Route& route : router.Routes("/")) {
    const bool is_constant = route.pattern.find('{') == std::string::npos;
    const auto depth =
        static_cast<std::size_t>(std::count(route.pattern.begin(), route.pattern.end(), '/'));
    const std::size_t limit = route.pattern.starts_with("/apis/") ? 3 : 2;
    if (route.method == "GET" && is_constant && depth <= limit && route.pattern != "/" &&
        !route.pattern.starts_with("/20")) {
      paths.push_back(route.pattern);
    }
  }
  return JsonReply({{"paths", std::move(paths)}});
}

}  // namespace

void AddIndexRoutes(Router& router) {
  AddAdminRoute(router, "GET", kAdminPrefix, {"The routes of this API"},
                Immediate([&router](const HttpRequest&) { return Index(router); }));
  AddAdminRoute(router, "GET", std::string(kAdminPrefix) + "/openapi.json",
                {"This API as an OpenAPI 3 document"},
                Immediate([&router](const HttpRequest&) { return OpenApi(router); }));
  router.Add("GET", "/", Immediate([&router](const HttpRequest&) { return RootPaths(router); }));
}

}  // namespace kless::doors
