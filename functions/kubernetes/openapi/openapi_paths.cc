#include "functions/kubernetes/openapi/openapi_paths.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

struct Verb {
  const char* name;    // in discovery
  const char* method;  // in lowercase
  const char* action;  // x-kubernetes-action
  bool on_object;
  bool has_body;
  std::initializer_list<const char*> query;
};
const Verb kVerbs[] = {
    {"list",
     "get",
     "list",
     false,
     false,
     {"allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit",
      "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"}},
    {"create", "post", "post", false, true, {"dryRun", "fieldManager", "fieldValidation"}},
    {"deletecollection",
     "delete",
     "deletecollection",
     false,
     true,
     {"continue", "dryRun", "fieldSelector", "gracePeriodSeconds", "labelSelector", "limit",
      "orphanDependents", "propagationPolicy", "resourceVersion"}},
    {"get", "get", "get", true, false, {}},
    {"update", "put", "put", true, true, {"dryRun", "fieldManager", "fieldValidation"}},
    {"patch", "patch", "patch", true, true, {"dryRun", "fieldManager", "fieldValidation", "force"}},
    {"delete",
     "delete",
     "delete",
     true,
     true,
     {"dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"}},
};

json SchemaOf(const char* name) {
  const std::string_view parameter(name);
  for (const char* boolean :
       {"allowWatchBookmarks", "force", "orphanDependents", "sendInitialEvents", "watch"}) {
    if (parameter == boolean) return {{"type", "boolean"}};
  }
  for (const char* integer : {"gracePeriodSeconds", "limit", "timeoutSeconds"}) {
    if (parameter == integer) return {{"type", "integer"}};
  }
  return {{"type", "string"}};
}

class Paths {
 public:
  explicit Paths(bool v3) : v3_(v3) {}

  void Add(const Kind& kind) {
    const std::string root =
        kind.group.empty() ? "/api/" + kind.version : "/apis/" + kind.group + "/" + kind.version;
    const std::string collection =
        root + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural;
    const std::string object = collection + "/{name}";
    for (const Verb& verb : kVerbs) {
      const auto& verbs = kind.verbs;
      if (std::find(verbs.begin(), verbs.end(), verb.name) == verbs.end()) continue;
      AddOperation(kind, verb, verb.on_object ? object : collection);
      if (kind.namespaced && std::string_view(verb.name) == "list") {
        AddOperation(kind, verb, root + "/" + kind.plural);
      }
      const bool of_status = verb.on_object && std::string_view(verb.name) != "delete";
      if (kind.has_status && of_status) AddOperation(kind, verb, object + "/status");
    }
  }

  json Take() { return std::move(paths_); }

 private:
  json Parameter(const char* name, const char* in) const {
    json parameter = {{"name", name}, {"in", in}};
    if (std::string_view(in) == "path") parameter["required"] = true;
    json schema = SchemaOf(name);
    if (v3_) {
      parameter["schema"] = std::move(schema);
    } else {
      parameter.update(schema);
    }
    return parameter;
  }

  json Type(const Kind& kind, const char* suffix) const {
    if (kind.schema == nullptr || kind.schema->type_name.empty()) return {{"type", "object"}};
    return {{"$ref",
             (v3_ ? "#/components/schemas/" : "#/definitions/") + kind.schema->type_name + suffix}};
  }

  json Content(json schema) const {
    return {{"application/json", {{"schema", std::move(schema)}}}};
  }

  void AddOperation(const Kind& kind, const Verb& verb, const std::string& path) {
    json parameters = json::array();
    for (const char* name : {"namespace", "name"}) {
      if (path.find("{" + std::string(name) + "}") != std::string::npos) {
        parameters.push_back(Parameter(name, "path"));
      }
    }
    for (const char* name : verb.query) parameters.push_back(Parameter(name, "query"));
    const bool list = std::string_view(verb.name) == "list";
    // The bodies of a patch and of a deletion are not objects of the kind.
    const bool own_body =
        std::string_view(verb.action) == "post" || std::string_view(verb.action) == "put";
    json body = own_body ? Type(kind, "") : json{{"type", "object"}};
    json answer = {{"description", "OK"}};
    json operation = {{"operationId", std::string(verb.name) + kind.kind + path},
                      {"x-kubernetes-action", verb.action},
                      {"x-kubernetes-group-version-kind",
                       {{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}}};
    if (v3_) {
      answer["content"] = Content(Type(kind, list ? "List" : ""));
      if (verb.has_body) operation["requestBody"] = {{"content", Content(std::move(body))}};
    } else {
      answer["schema"] = Type(kind, list ? "List" : "");
      if (verb.has_body) {
        parameters.push_back({{"name", "body"}, {"in", "body"}, {"schema", std::move(body)}});
      }
    }
    operation["parameters"] = std::move(parameters);
    operation["responses"] = {{"200", std::move(answer)}};
    paths_[path][verb.method] = std::move(operation);
  }

  bool v3_;
  json paths_ = json::object();
};

}  // namespace

json OpenApiPaths(const std::vector<const Kind*>& kinds, bool v3) {
  Paths paths(v3);
  for (const Kind* kind : kinds) paths.Add(*kind);
  return paths.Take();
}

}  // namespace kless::kubernetes
