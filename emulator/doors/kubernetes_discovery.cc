#include "emulator/doors/kubernetes_discovery.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes_body.h"
#include "emulator/doors/kubernetes_status.h"
#include "functions/kubernetes/kind.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

// The Kubernetes release whose behaviour the reference cases were recorded from.
constexpr const char* kGitVersion = "v1.36.2+kless." KLESS_VERSION;

using GroupVersion = std::pair<std::string, std::string>;

// In the order of the kinds; the core group is "".
std::vector<GroupVersion> GroupVersions() {
  std::vector<GroupVersion> versions;
  for (const Kind& kind : kubernetes::Kinds()) {
    const GroupVersion version(kind.group, kind.version);
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
      versions.push_back(version);
    }
  }
  return versions;
}

json ApiVersions(const HttpRequest& request) {
  json versions = json::array();
  for (const auto& [group, version] : GroupVersions()) {
    if (group.empty()) versions.push_back(version);
  }
  const auto host = request.headers.find("host");
  return {{"kind", "APIVersions"},
          {"versions", std::move(versions)},
          {"serverAddressByClientCIDRs",
           json::array({{{"clientCIDR", "0.0.0.0/0"},
                         {"serverAddress", host == request.headers.end() ? "" : host->second}}})}};
}

json ApiGroup(const std::string& group) {
  json versions = json::array();
  for (const auto& [name, version] : GroupVersions()) {
    if (name == group) {
      versions.push_back({{"groupVersion", group + "/" + version}, {"version", version}});
    }
  }
  json preferred = versions[0];
  return {{"name", group},
          {"versions", std::move(versions)},
          {"preferredVersion", std::move(preferred)}};
}

std::vector<std::string> Groups() {
  std::vector<std::string> groups;
  for (const auto& [group, version] : GroupVersions()) {
    if (!group.empty() && std::find(groups.begin(), groups.end(), group) == groups.end()) {
      groups.push_back(group);
    }
  }
  return groups;
}

json ApiGroupList() {
  json groups = json::array();
  for (const std::string& group : Groups()) groups.push_back(ApiGroup(group));
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

json ApiSubresource(const Kind& kind, const kubernetes::Subresource& subresource) {
  json resource = {{"name", kind.plural + "/" + subresource.name},
                   {"singularName", ""},
                   {"namespaced", kind.namespaced},
                   {"kind", subresource.kind},
                   {"verbs", subresource.verbs}};
  if (!subresource.group.empty()) resource["group"] = subresource.group;
  if (!subresource.version.empty()) resource["version"] = subresource.version;
  return resource;
}

json ApiResourceList(const GroupVersion& version) {
  json resources = json::array();
  std::string group_version;
  for (const Kind& kind : kubernetes::Kinds()) {
    if (GroupVersion(kind.group, kind.version) != version) continue;
    group_version = kind.ApiVersion();
    json resource = {{"name", kind.plural},
                     {"singularName", kind.singular},
                     {"namespaced", kind.namespaced},
                     {"kind", kind.kind},
                     {"verbs", kind.verbs}};
    if (!kind.short_names.empty()) resource["shortNames"] = kind.short_names;
    if (!kind.categories.empty()) resource["categories"] = kind.categories;
    resources.push_back(std::move(resource));
    for (const kubernetes::Subresource& subresource : kind.subresources) {
      resources.push_back(ApiSubresource(kind, subresource));
    }
    if (!kind.has_status) continue;
    resources.push_back({{"name", kind.plural + "/status"},
                         {"singularName", ""},
                         {"namespaced", kind.namespaced},
                         {"kind", kind.kind},
                         {"verbs", {"get", "patch", "update"}}});
  }
  std::sort(resources.begin(), resources.end(), [](const json& a, const json& b) {
    return a["name"].get_ref<const std::string&>() < b["name"].get_ref<const std::string&>();
  });
  json list = {{"kind", "APIResourceList"},
               {"groupVersion", std::move(group_version)},
               {"resources", std::move(resources)}};
  if (!version.first.empty()) list["apiVersion"] = "v1";  // The core group's has none.
  return list;
}

json Version() {
  return {{"major", "1"},
          {"minor", "36"},
          {"gitVersion", kGitVersion},
          {"gitCommit", ""},
          {"gitTreeState", ""},
          {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", "none: kless is C++"},
          {"compiler", "gcc"},
          {"platform", "linux/amd64"}};
}

Task<HttpResponse> Answer(HttpRequest request, json body) {
  if (auto refusal = CheckAccept(request)) co_return std::move(*refusal);
  co_return JsonResponse(200, DumpJson(body));
}

Task<HttpResponse> AnswerHealth(HttpRequest request, std::string check) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body =
      request.query.contains("verbose") ? "[+]ping ok\n" + check + " check passed\n" : "ok";
  co_return response;
}

void Add(Router& router, const std::string& path, json body) {
  router.Add("GET", path, [body = std::move(body)](HttpRequest request) {
    return Answer(std::move(request), body);
  });
}

}  // namespace

void RegisterDiscovery(Router& router) {
  router.Add("GET", "/api", [](HttpRequest request) {
    json versions = ApiVersions(request);
    return Answer(std::move(request), std::move(versions));
  });
  Add(router, "/apis", ApiGroupList());
  for (const std::string& group : Groups()) {
    json body = ApiGroup(group);
    body["kind"] = "APIGroup";
    body["apiVersion"] = "v1";
    Add(router, "/apis/" + group, std::move(body));
  }
  for (const GroupVersion& version : GroupVersions()) {
    Add(router,
        version.first.empty() ? "/api/" + version.second
                              : "/apis/" + version.first + "/" + version.second,
        ApiResourceList(version));
  }
  Add(router, "/version", Version());
  for (const std::string check : {"healthz", "livez", "readyz"}) {
    router.Add("GET", "/" + check,
               [check](HttpRequest request) { return AnswerHealth(std::move(request), check); });
  }
}

}  // namespace kless::doors
