#include "emulator/doors/kubernetes/write/eviction.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/write/delete.h"
#include "emulator/doors/kubernetes/write/pod_verbs.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/pod_binding.h"
#include "functions/kubernetes/objects/pod_eviction.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kBudgetPage = 100;
constexpr const char* kBudgetType = "poddisruptionbudget";

HttpResponse BudgetRefusal(const std::string& cause) {
  json causes = json::array({{{"reason", "DisruptionBudget"}, {"message", cause}}});
  return StatusResponse(kubernetes::StatusFailure(
      429, "TooManyRequests", kubernetes::kEvictionRefused, {{"causes", std::move(causes)}}));
}

// The resource names of the budgets that select a pod.
Result<std::vector<std::string>> BudgetsOf(KubernetesContext& context, const ResourcePath& path,
                                           const json& pod) {
  std::vector<std::string> budgets;
  const json* labels = kubernetes::Find(pod, {"metadata", "labels"});
  std::string after;
  for (bool more = true; more;) {
    KLESS_TRY(const auto page,
              context.resources().List(kBudgetType, path.Prefix(), after, kBudgetPage));
    more = page.more;
    for (const ItemPtr& item : page.items) {
      after = context.resources().IdOf(item->key).name;
      const auto budget = ParseJson(item->document);
      if (budget.has_error() || !budget->is_object()) continue;
      const json* selector = kubernetes::Find(budget.value(), {"spec", "selector"});
      if (kubernetes::MatchesLabels(selector, labels)) budgets.push_back(after);
    }
  }
  return budgets;
}

// Deducts the eviction from the budget of the pod, if it has one.
Refusal TakeFromBudget(KubernetesContext& context, const ResourcePath& path, const json& pod,
                       bool dry_run) {
  const auto budgets = BudgetsOf(context, path, pod);
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
  budget_path.kind = kubernetes::Lasting(kubernetes::FindKindByType(kBudgetType));
  const std::string& resource = budgets.value()[0];
  budget_path.name = resource.substr(resource.find('/') + 1);
  ItemPtr item;
  json budget;
  if (auto refusal = Load(context, budget_path, &item, &budget)) return refusal;
  if (kubernetes::BudgetIgnoresPod(budget, pod)) return std::nullopt;
  if (const auto cause =
          kubernetes::TakeDisruption(budget, path.name, context.event_loop.UnixNanos())) {
    return BudgetRefusal(*cause);
  }
  return dry_run ? std::nullopt : Save(context, budget_path, budget, item->version);
}

}  // namespace

HttpResponse ServeEviction(KubernetesContext& context, const ResourcePath& path,
                           const HttpRequest& request) {
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
    if (auto refusal = DecodeDeleteOptions(*given, &options)) return std::move(*refusal);
  }
  options.dry_run = options.dry_run || dry_run;

  ItemPtr item;
  json pod;
  if (auto refusal = Load(context, path, &item, &pod)) return std::move(*refusal);
  const bool other_uid = options.uid && *options.uid != StringAt(pod, {"metadata", "uid"});
  const bool other_version =
      options.resource_version && *options.resource_version != std::to_string(item->version);
  // It replies with the conflict.
  if (other_uid || other_version) return DeleteObject(context, path, options);
  options.resource_version.reset();
  if (!kubernetes::EvictionIgnoresBudgets(pod)) {
    if (auto refusal = TakeFromBudget(context, path, pod, options.dry_run))
      return std::move(*refusal);
  }
  if (!options.dry_run) {
    kubernetes::SetPodCondition(pod, "DisruptionTarget", "True", "EvictionByEvictionAPI",
                                "Eviction API: evicting", context.event_loop.UnixNanos());
    if (auto refusal = Save(context, path, pod, item->version)) return std::move(*refusal);
  }
  HttpResponse deleted = DeleteObject(context, path, options);
  return deleted.status >= 400 ? std::move(deleted) : VerbDone();
}

}  // namespace kless::doors
