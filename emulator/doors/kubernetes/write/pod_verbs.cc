// The subresources binding and eviction of pods; a part of KubernetesWriter.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/objects/pod_binding.h"
#include "functions/kubernetes/objects/pod_eviction.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// Bodies of subresources have kinds that are in no registry.
Kind BodyKind(const Kind& pod, const char* name, const char* group) {
  Kind kind;
  kind.group = group;
  kind.version = pod.version;
  kind.kind = name;
  kind.plural = pod.plural;
  kind.schema = kubernetes::FindSchema(kind.ApiVersion(), kind.kind);
  return kind;
}

HttpResponse Created() {
  return JsonResponse(
      201, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})");
}

// The conflict of a verb of a pod: "Operation cannot be fulfilled on pods/binding "a": <why>".
HttpResponse BindingConflict(const std::string& pod, const std::string& why) {
  return StatusResponse(kubernetes::StatusFailure(
      409, "Conflict", "Operation cannot be fulfilled on pods/binding \"" + pod + "\": " + why,
      {{"name", pod}, {"kind", "pods/binding"}}));
}

HttpResponse BudgetRefusal(const std::string& cause) {
  json causes = json::array({{{"reason", "DisruptionBudget"}, {"message", cause}}});
  return StatusResponse(kubernetes::StatusFailure(
      429, "TooManyRequests", kubernetes::kEvictionRefused, {{"causes", std::move(causes)}}));
}

// The API server reports an invalid binding target as an internal error.
HttpResponse BadTarget(std::string why) {
  return StatusResponse(kubernetes::StatusFailure(500, "", std::move(why), nullptr));
}

}  // namespace

HttpResponse KubernetesWriter::Bind(const ResourcePath& collection, const HttpRequest& request) {
  ResourcePath path = collection;
  json binding;
  const Kind kind = BodyKind(*path.kind, "Binding", "");
  if (auto refusal = DecodeObject(request, kind, &binding)) return std::move(*refusal);
  bool dry_run = false;
  if (auto refusal = DecodeWriteOptions(request, "CreateOptions", &dry_run)) {
    return std::move(*refusal);
  }
  const std::string name = StringAt(binding, {"metadata", "name"});
  if (path.name.empty()) path.name = name;
  if (!name.empty() && name != path.name) {
    return BadRequest("name in URL does not match name in Binding object");
  }
  const std::string target = StringAt(binding, {"target", "kind"});
  const std::string node = StringAt(binding, {"target", "name"});
  if (!target.empty() && target != "Node") {
    return BadTarget("target.kind: Unsupported value: " + DumpJson(json(target)) +
                     ": supported values: \"Node\", \"<empty>\"");
  }
  if (node.empty()) return BadTarget("target.name: Required value");

  ItemPtr item;
  json pod;
  if (auto refusal = Load(path, &item, &pod)) return std::move(*refusal);
  const std::string uid = StringAt(binding, {"metadata", "uid"});
  if (!uid.empty() && uid != StringAt(pod, {"metadata", "uid"})) {
    return BindingConflict(path.name, "the uid in the precondition does not match the pod's");
  }
  const auto node_object = context_.stored.Find("node", node);
  const auto problem =
      kubernetes::BindPod(pod, node, node_object.get(), context_.event_loop.UnixNanos());
  if (problem) return BindingConflict(path.name, *problem);
  if (!dry_run) {
    if (auto refusal = Save(path, pod, item->version)) return std::move(*refusal);
  }
  return Created();
}

Refusal KubernetesWriter::TakeFromBudget(const ResourcePath& path, const json& pod, bool dry_run) {
  const auto budgets = BudgetsOf(path, pod);
  if (budgets.has_error()) return StoreFailure(budgets.error());
  if (budgets.value().empty()) return std::nullopt;
  if (budgets.value().size() > 1) {
    return StatusResponse(kubernetes::StatusFailure(
        500, "",
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
        "support.",
        nullptr));
  }
  ResourcePath budget_path = path;
  budget_path.kind = kubernetes::Lasting(kubernetes::FindKindByType("poddisruptionbudget"));
  const std::string resource = context_.resources().IdOf(budgets.value()[0]->key).name;
  budget_path.name = resource.substr(resource.find('/') + 1);
  ItemPtr item;
  json budget;
  if (auto refusal = Load(budget_path, &item, &budget)) return refusal;
  if (kubernetes::BudgetIgnoresPod(budget, pod)) return std::nullopt;
  if (const auto cause =
          kubernetes::TakeDisruption(budget, path.name, context_.event_loop.UnixNanos())) {
    return BudgetRefusal(*cause);
  }
  return dry_run ? std::nullopt : Save(budget_path, budget, item->version);
}

HttpResponse KubernetesWriter::Evict(const ResourcePath& path, const HttpRequest& request) {
  json eviction;
  const Kind kind = BodyKind(*path.kind, "Eviction", "policy");
  if (auto refusal = DecodeObject(request, kind, &eviction)) return std::move(*refusal);
  bool dry_run = false;
  if (auto refusal = DecodeWriteOptions(request, "CreateOptions", &dry_run)) {
    return std::move(*refusal);
  }
  const std::string name = StringAt(eviction, {"metadata", "name"});
  if (!name.empty() && name != path.name) {
    return BadRequest("name in URL does not match name in Eviction object");
  }
  DeleteOptions options;
  if (const json* given = kubernetes::Find(eviction, "deleteOptions")) {
    HttpRequest deletion;
    deletion.body = DumpJson(*given);
    if (auto refusal = DecodeDeleteOptions(deletion, &options)) return std::move(*refusal);
  }
  options.dry_run = options.dry_run || dry_run;

  ItemPtr item;
  json pod;
  if (auto refusal = Load(path, &item, &pod)) return std::move(*refusal);
  const bool other_uid = options.uid && *options.uid != StringAt(pod, {"metadata", "uid"});
  const bool other_version =
      options.resource_version && *options.resource_version != std::to_string(item->version);
  // It replies with the conflict.
  if (other_uid || other_version) return DeleteObject(path, options);
  options.resource_version.reset();
  if (!kubernetes::EvictionIgnoresBudgets(pod)) {
    if (auto refusal = TakeFromBudget(path, pod, options.dry_run)) return std::move(*refusal);
  }
  if (!options.dry_run) {
    kubernetes::SetPodCondition(pod, "DisruptionTarget", "True", "EvictionByEvictionAPI",
                                "Eviction API: evicting", context_.event_loop.UnixNanos());
    if (auto refusal = Save(path, pod, item->version)) return std::move(*refusal);
  }
  HttpResponse deleted = DeleteObject(path, options);
  return deleted.status >= 400 ? std::move(deleted) : Created();
}

}  // namespace kless::doors
