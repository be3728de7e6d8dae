// GET nodes; POST nodes/N/fail, nodes/N/return; POST pods/NAMESPACE/NAME/fail, oom, evict.
#include <nlohmann/json.hpp>

#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr int kMaxExitCode = 255;
constexpr const char* kEvictionMessage = "The node was low on resource: memory. ";

constexpr RouteField kFailFields[] = {{"exit_code", "integer", "0 to 255 (1)"}};
constexpr RouteField kEvictFields[] = {{"message", "string", "the reason in the pod's status"}};

Error NoDataPlane() {
  return MakeError(ErrorCode::kNotFound,
                   "there are no simulated nodes; start kless with --nodes 3 (data_plane.nodes)");
}

HttpResponse ListNodes(AdminContext& context) {
  json nodes = json::array();
  json pods;
  if (context.data_plane != nullptr) {
    for (const data_plane::NodeState& node : context.data_plane->Nodes()) {
      nodes.push_back({{"name", node.name},
                       {"zone", node.zone},
                       {"alive", node.alive},
                       {"registered", node.registered},
                       {"pods", node.pods},
                       {"heartbeats", node.heartbeats}});
    }
    const data_plane::DataPlaneStats stats = context.data_plane->Stats();
    pods = {{"pending", stats.pending},
            {"running", stats.running},
            {"succeeded", stats.succeeded},
            {"failed", stats.failed},
            {"status_writes", stats.status_writes},
            {"deletions", stats.deletions},
            {"conflicts", stats.conflicts},
            {"lease_writes", stats.heartbeats.lease_writes},
            {"node_status_writes", stats.heartbeats.status_writes},
            {"heartbeat_bytes", stats.heartbeats.bytes}};
  }
  return JsonReply({{"nodes", std::move(nodes)}, {"stats", std::move(pods)}});
}

HttpResponse ChangeNode(AdminContext& context, const HttpRequest& request, bool fail) {
  if (context.data_plane == nullptr) return ErrorReply(NoDataPlane());
  const auto body = ParseBody(request, {});
  if (body.has_error()) return ErrorReply(body.error());
  const std::string& name = request.params.at("name");
  const auto changed =
      fail ? context.data_plane->FailNode(name) : context.data_plane->ReturnNode(name);
  if (changed.has_error()) return ErrorReply(changed.error());
  return JsonReply({{"name", name}, {"alive", !fail}});
}

Result<int> ExitCodeOf(const json& body) {
  const json code = body.value("exit_code", json(1));
  if (code.is_number_integer()) {
    const double number = code.get<double>();
    if (number >= 0 && number <= kMaxExitCode) return code.get<int>();
  }
  return MakeError(ErrorCode::kInvalidArgument, "'exit_code' must be a whole number from 0 to 255");
}

Result<std::string> MessageOf(const json& body) {
  const json message = body.value("message", json(kEvictionMessage));
  if (message.is_string() && !message.get_ref<const std::string&>().empty()) {
    return message.get<std::string>();
  }
  return MakeError(ErrorCode::kInvalidArgument, "'message' must be a sentence");
}

std::string PodOf(const HttpRequest& request) {
  return request.params.at("namespace") + "/" + request.params.at("name");
}

HttpResponse Answer(const HttpRequest& request, const char* fault, const Result<void>& done) {
  if (done.has_error()) return ErrorReply(done.error());
  return JsonReply({{"pod", PodOf(request)}, {"fault", fault}});
}

HttpResponse FailPod(AdminContext& context, const HttpRequest& request) {
  if (context.data_plane == nullptr) return ErrorReply(NoDataPlane());
  const auto body = ParseBody(request, kFailFields);
  if (body.has_error()) return ErrorReply(body.error());
  const auto code = ExitCodeOf(body.value());
  if (code.has_error()) return ErrorReply(code.error());
  return Answer(request, "fail", context.data_plane->FailPod(PodOf(request), code.value()));
}

HttpResponse OomPod(AdminContext& context, const HttpRequest& request) {
  if (context.data_plane == nullptr) return ErrorReply(NoDataPlane());
  const auto body = ParseBody(request, {});
  if (body.has_error()) return ErrorReply(body.error());
  return Answer(request, "oom", context.data_plane->OomPod(PodOf(request)));
}

HttpResponse EvictPod(AdminContext& context, const HttpRequest& request) {
  if (context.data_plane == nullptr) return ErrorReply(NoDataPlane());
  const auto body = ParseBody(request, kEvictFields);
  if (body.has_error()) return ErrorReply(body.error());
  const auto message = MessageOf(body.value());
  if (message.has_error()) return ErrorReply(message.error());
  return Answer(request, "evict", context.data_plane->EvictPod(PodOf(request), message.value()));
}

}  // namespace

void AddDataPlaneRoutes(Router& router, AdminContext& context) {
  const auto add = [&](const char* method, const char* path, RouteDescription description,
                       HttpResponse (*handle)(AdminContext&, const HttpRequest&)) {
    AddAdminRoute(router, method, path, description,
                  Immediate([&context, handle](const HttpRequest& request) {
                    return handle(context, request);
                  }));
  };
  add("GET", "/kless/v1/nodes", {"The simulated nodes, and counters of their kubelets"},
      [](AdminContext& w, const HttpRequest&) { return ListNodes(w); });
  add("POST", "/kless/v1/nodes/{name}/fail", {"Stops a node's kubelet"},
      [](AdminContext& w, const HttpRequest& request) { return ChangeNode(w, request, true); });
  add("POST", "/kless/v1/nodes/{name}/return", {"Brings a stopped kubelet back"},
      [](AdminContext& w, const HttpRequest& request) { return ChangeNode(w, request, false); });
  add("POST", "/kless/v1/pods/{namespace}/{name}/fail",
      {"Ends a pod's containers with an exit code", {}, kFailFields, true}, FailPod);
  add("POST", "/kless/v1/pods/{namespace}/{name}/oom", {"Kills a pod as if it were out of memory"},
      OomPod);
  add("POST", "/kless/v1/pods/{namespace}/{name}/evict",
      {"Evicts a pod from its node", {}, kEvictFields, true}, EvictPod);
}

}  // namespace kless::doors
