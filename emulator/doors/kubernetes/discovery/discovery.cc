#include "emulator/doors/kubernetes/discovery/discovery.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/negotiation.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/kinds/virtual_kinds.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

// The Kubernetes release from whose behaviour the reference cases were recorded.
constexpr const char* kGitVersion = "v1.36.2+kless." KLESS_VERSION;

using GroupAndVersion = std::pair<std::string, std::string>;

// The order in which the API server lists its own groups; others follow, by name.  Clients use the
// first group that has a resource of a name.
constexpr const char* kGroupOrder[] = {"apps",
                                       "events.k8s.io",
                                       "authentication.k8s.io",
                                       "authorization.k8s.io",
                                       "autoscaling",
                                       "batch",
                                       "certificates.k8s.io",
                                       "networking.k8s.io",
                                       "policy",
                                       "rbac.authorization.k8s.io",
                                       "storage.k8s.io",
                                       "admissionregistration.k8s.io",
                                       "apiextensions.k8s.io",
                                       "scheduling.k8s.io",
                                       "coordination.k8s.io",
                                       "node.k8s.io",
                                       "discovery.k8s.io"};

// All kinds that have paths.
using KindList = std::vector<kubernetes::KindPtr>;
KindList AllKinds(CustomKinds& custom) {
  KindList kinds;
  for (const Kind* kind : kubernetes::ServedKinds()) kinds.push_back(kubernetes::Lasting(kind));
  for (const Kind& kind : kubernetes::VirtualKinds()) kinds.push_back(kubernetes::Lasting(&kind));
  for (kubernetes::KindPtr& kind : custom.Discovered()) kinds.push_back(std::move(kind));
  return kinds;
}

// The core group is "".
std::vector<GroupAndVersion> GroupVersions(const KindList& kinds) {
  std::vector<GroupAndVersion> versions;
  for (const kubernetes::KindPtr& kind : kinds) {
    const GroupAndVersion version(kind->group, kind->version);
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
      versions.push_back(version);
    }
  }
  const auto place = [](const std::string& group) {
    const auto* const found = std::find(std::begin(kGroupOrder), std::end(kGroupOrder), group);
    return std::pair(found - std::begin(kGroupOrder), group);
  };
  std::stable_sort(versions.begin(), versions.end(),
                   [&](const auto& a, const auto& b) { return place(a.first) < place(b.first); });
  return versions;
}

// The kinds of a group and version, by the names of their resources.
KindList KindsOf(const KindList& kinds, const GroupAndVersion& version) {
  KindList found;
  for (const kubernetes::KindPtr& kind : kinds) {
    if (GroupAndVersion(kind->group, kind->version) == version) found.push_back(kind);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a->plural < b->plural; });
  return found;
}

// Sorted by name, including "status", which comes first for custom kinds.
std::vector<kubernetes::Subresource> SubresourcesOf(const Kind& kind) {
  std::vector<kubernetes::Subresource> all = kind.subresources;
  if (kind.has_status) {
    all.insert(all.begin(), {"status", kind.kind, "", "", {"get", "patch", "update"}});
  }
  if (kind.custom) return all;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

json ApiVersions(const KindList& kinds, const HttpRequest& request) {
  json versions = json::array();
  for (const auto& [group, version] : GroupVersions(kinds)) {
    if (group.empty()) versions.push_back(version);
  }
  return {
      {"kind", "APIVersions"},
      {"versions", std::move(versions)},
      {"serverAddressByClientCIDRs",
       json::array({{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", request.Header("host")}}})}};
}

json ApiGroup(const KindList& kinds, const std::string& group) {
  json versions = json::array();
  for (const auto& [name, version] : GroupVersions(kinds)) {
    if (name == group) {
      versions.push_back({{"groupVersion", group + "/" + version}, {"version", version}});
    }
  }
  json preferred = versions[0];
  return {{"name", group},
          {"versions", std::move(versions)},
          {"preferredVersion", std::move(preferred)}};
}

std::vector<std::string> Groups(const KindList& kinds) {
  std::vector<std::string> groups;
  for (const auto& [group, version] : GroupVersions(kinds)) {
    if (!group.empty() && std::find(groups.begin(), groups.end(), group) == groups.end()) {
      groups.push_back(group);
    }
  }
  return groups;
}

json ApiGroupList(const KindList& kinds) {
  json groups = json::array();
  for (const std::string& group : Groups(kinds)) groups.push_back(ApiGroup(kinds, group));
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

// A value that stays the same as long as the kind is stored in the same way.
std::string StorageVersionHash(const Kind& kind) {
  return Base64Encode(Sha256Hex(kind.ApiVersion() + "/" + kind.kind).substr(0, 8));
}

json ApiResourceList(const KindList& kinds, const GroupAndVersion& version) {
  json resources = json::array();
  for (const kubernetes::KindPtr& kind : KindsOf(kinds, version)) {
    json resource = {{"name", kind->plural},
                     {"singularName", kind->singular},
                     {"namespaced", kind->namespaced},
                     {"kind", kind->kind},
                     {"verbs", kind->verbs}};
    if (!kind->short_names.empty()) resource["shortNames"] = kind->short_names;
    if (!kind->categories.empty()) resource["categories"] = kind->categories;
    if (!kind->type.empty()) resource["storageVersionHash"] = StorageVersionHash(*kind);
    resources.push_back(std::move(resource));
    for (const kubernetes::Subresource& subresource : SubresourcesOf(*kind)) {
      resources.push_back(ApiSubresource(*kind, subresource));
    }
  }
  const std::string& group = version.first;
  json list = {{"kind", "APIResourceList"},
               {"groupVersion", group.empty() ? version.second : group + "/" + version.second},
               {"resources", std::move(resources)}};
  if (!group.empty()) list["apiVersion"] = "v1";  // The core group's has none.
  return list;
}

json DiscoveredSubresource(const kubernetes::Subresource& subresource) {
  return {{"subresource", subresource.name},
          {"responseKind",
           {{"group", subresource.group},
            {"version", subresource.version},
            {"kind", subresource.kind}}},
          {"verbs", subresource.verbs}};
}

json DiscoveredResource(const Kind& kind) {
  json resource = {
      {"resource", kind.plural},
      {"responseKind", {{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}},
      {"scope", kind.namespaced ? "Namespaced" : "Cluster"},
      {"singularResource", kind.singular},
      {"verbs", kind.verbs}};
  if (!kind.short_names.empty()) resource["shortNames"] = kind.short_names;
  if (!kind.categories.empty()) resource["categories"] = kind.categories;
  for (const kubernetes::Subresource& subresource : SubresourcesOf(kind)) {
    resource["subresources"].push_back(DiscoveredSubresource(subresource));
  }
  return resource;
}

// All groups and their resources in one document: for the core group alone, or for all others.
json AggregatedDiscovery(const KindList& kinds, bool core, const std::string& api_version) {
  json items = json::array();
  for (const GroupAndVersion& version : GroupVersions(kinds)) {
    if (version.first.empty() != core) continue;
    json resources = json::array();
    for (const kubernetes::KindPtr& kind : KindsOf(kinds, version)) {
      resources.push_back(DiscoveredResource(*kind));
    }
    json discovered = {
        {"version", version.second}, {"resources", std::move(resources)}, {"freshness", "Current"}};
    if (!items.empty() && items.back()["metadata"].value("name", "") == version.first) {
      items.back()["versions"].push_back(std::move(discovered));
      continue;
    }
    json metadata = json::object();
    if (!core) metadata["name"] = version.first;
    items.push_back(
        {{"metadata", std::move(metadata)}, {"versions", json::array({std::move(discovered)})}});
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/" + api_version},
          {"metadata", json::object()},
          {"items", std::move(items)}};
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

// Builds a document for a request.
using DiscoveryDocument = std::function<json(const HttpRequest&)>;

Task<HttpResponse> DiscoveryAnswer(HttpRequest request,
                                   std::shared_ptr<const DiscoveryDocument> document) {
  OutputForm form;
  if (auto refusal = Negotiate(request, OutputOffer{}, &form)) co_return std::move(*refusal);
  HttpResponse response = JsonResponse(200, DumpJson((*document)(request)));
  Format(form, &response);
  co_return response;
}

// "/api" and "/apis": the plain document, or everything below it in one.
Task<HttpResponse> AnswerRoot(CustomKinds* custom, HttpRequest request,
                              std::shared_ptr<const DiscoveryDocument> document) {
  OutputForm form;
  const OutputOffer offer{OffersAggregatedDiscovery};
  if (auto refusal = Negotiate(request, offer, &form)) co_return std::move(*refusal);
  const bool core = request.path == "/api";
  HttpResponse response = JsonResponse(
      200, DumpJson(form.as.empty() ? (*document)(request)
                                    : AggregatedDiscovery(AllKinds(*custom), core, form.version)));
  Format(form, &response);
  if (!form.as.empty()) {
    response.content_type += ";g=" + form.group + ";v=" + form.version + ";as=" + form.as;
  }
  co_return response;
}

// The checks that clients look for by name; all of them pass while the daemon replies.
constexpr const char* kChecks[] = {"ping", "log", "etcd"};

Task<HttpResponse> AnswerHealth(HttpRequest request, std::string endpoint) {
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "ok";
  if (!request.query.contains("verbose")) co_return response;
  const std::string& excluded = request.Query("exclude");
  response.body.clear();
  for (const std::string check : kChecks) {
    const bool left_out = excluded == check;
    response.body += "[+]" + check + (left_out ? " excluded: ok\n" : " ok\n");
  }
  response.body += endpoint + " check passed\n";
  co_return response;
}

Task<HttpResponse> AnswerCheck() {
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "ok";
  co_return response;
}

void Add(Router& router, const std::string& path, DiscoveryDocument make) {
  auto document = std::make_shared<const DiscoveryDocument>(std::move(make));
  router.Add("GET", path, [document](HttpRequest request) {
    return DiscoveryAnswer(std::move(request), document);
  });
}

void AddRoot(Router& router, CustomKinds& custom, const std::string& path, DiscoveryDocument make) {
  auto document = std::make_shared<const DiscoveryDocument>(std::move(make));
  router.Add("GET", path, [&custom, document](HttpRequest request) {
    return AnswerRoot(&custom, std::move(request), document);
  });
}

json GroupDocument(const KindList& kinds, const std::string& group) {
  json body = ApiGroup(kinds, group);
  body["kind"] = "APIGroup";
  body["apiVersion"] = "v1";
  return body;
}

Task<HttpResponse> RefusedPath(HttpResponse response) { co_return response; }

// Serves groups and versions that appear and disappear with their kinds.
void AddCustomGroups(Router& router, CustomKinds& custom) {
  const auto answer = [&custom](HttpRequest request) {
    const std::string group = request.params["group"];
    const std::string version = request.params["version"];  // "": all of the group
    const KindList kinds = custom.Discovered();
    const bool known = std::any_of(kinds.begin(), kinds.end(), [&](const auto& kind) {
      return kind->group == group && (version.empty() || kind->version == version);
    });
    if (!known) return RefusedPath(RenderKubernetesError(request, 404, ""));
    const auto document = std::make_shared<const DiscoveryDocument>([=](const HttpRequest&) {
      return version.empty() ? GroupDocument(kinds, group)
                             : ApiResourceList(kinds, GroupAndVersion(group, version));
    });
    return DiscoveryAnswer(std::move(request), document);
  };
  router.Add("GET", "/apis/{group}", answer);
  router.Add("GET", "/apis/{group}/{version}", answer);
}

}  // namespace

void RegisterDiscovery(Router& router, CustomKinds& custom) {
  AddRoot(router, custom, "/api",
          [&custom](const HttpRequest& request) { return ApiVersions(AllKinds(custom), request); });
  AddRoot(router, custom, "/apis",
          [&custom](const HttpRequest&) { return ApiGroupList(AllKinds(custom)); });
  KindList kinds;
  for (const kubernetes::KindPtr& kind : AllKinds(custom)) {
    if (!kind->custom) kinds.push_back(kind);
  }
  for (const std::string& group : Groups(kinds)) {
    Add(router, "/apis/" + group,
        [kinds, group](const HttpRequest&) { return GroupDocument(kinds, group); });
  }
  for (const GroupAndVersion& version : GroupVersions(kinds)) {
    Add(router,
        version.first.empty() ? "/api/" + version.second
                              : "/apis/" + version.first + "/" + version.second,
        [kinds, version](const HttpRequest&) { return ApiResourceList(kinds, version); });
  }
  AddCustomGroups(router, custom);
  Add(router, "/version", [](const HttpRequest&) { return Version(); });
  for (const std::string endpoint : {"healthz", "livez", "readyz"}) {
    router.Add("GET", "/" + endpoint, [endpoint](HttpRequest request) {
      return AnswerHealth(std::move(request), endpoint);
    });
    for (const std::string check : kChecks) {
      router.Add("GET", "/" + endpoint + "/" + check, [](HttpRequest) { return AnswerCheck(); });
    }
  }
}

}  // namespace kless::doors
