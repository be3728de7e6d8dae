// Namespaces, budgets, priorities, leases, quotas, limit ranges, service accounts.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// "pods: 1/10, secrets: 0/5", for the resources whose names begin with "limits." or for the others.
TextCell QuotaCell(bool limits) {
  return [limits](const json& object) {
    std::vector<std::string> parts;
    const json& hard = FindOrEmpty(object, {"status", "hard"});
    if (!hard.is_object()) return std::string();
    for (const auto& [resource, value] : hard.items()) {
      if (resource.starts_with("limits.") != limits) continue;
      parts.push_back(resource + ": " + IntOrString(object, {"status", "used", resource}, "0") +
                      "/" + IntOrString(object, {"status", "hard", resource}, "0"));
    }
    return Joined(parts, ", ");
  };
}

Column IntOrStringColumn(const char* name, const char* description, Path path) {
  return TextColumn(name, description, [path = std::move(path)](const json& object) {
    return IntOrString(object, path, "N/A");
  });
}

Column GlobalDefaultColumn() {
  Column column =
      TextColumn("Global-Default", "Whether pods without a class get this one.", TextCell());
  column.type = "boolean";
  column.cell = [](const json& object, std::int64_t) -> json {
    return BoolAt(object, "globalDefault");
  };
  return column;
}

Column SecretsColumn() {
  Column column = TextColumn("Secrets", "Number of secrets of the account.", TextCell());
  column.cell = [](const json& object, std::int64_t) -> json {
    return SizeOf(Find(object, "secrets"));
  };
  return column;
}

Column CreatedAtColumn() {
  Column column = TextColumn("Created At", "When the object was created.",
                             {"metadata", "creationTimestamp"}, "<unknown>");
  column.type = "date";
  return column;
}

}  // namespace

void AddClusterColumns(ColumnLists& lists) {
  lists["Namespace"] = {
      NameColumn(),
      TextColumn("Status", "Phase of the namespace: Active, Terminating.", {"status", "phase"}, ""),
      AgeColumn()};
  lists["ServiceAccount"] = {NameColumn(), SecretsColumn(), AgeColumn()};
  lists["PodDisruptionBudget.policy"] = {
      NameColumn(),
      IntOrStringColumn("Min Available", "Pods that must stay available.",
                        {"spec", "minAvailable"}),
      IntOrStringColumn("Max Unavailable", "Pods that may be unavailable.",
                        {"spec", "maxUnavailable"}),
      NumberColumn("Allowed Disruptions", "Pods that may be disrupted now.",
                   {"status", "disruptionsAllowed"}),
      AgeColumn()};
  lists["PriorityClass.scheduling.k8s.io"] = {
      NameColumn(), NumberColumn("Value", "Priority of pods of this class.", {"value"}),
      GlobalDefaultColumn(), AgeColumn(),
      TextColumn("PreemptionPolicy", "Whether pods of this class preempt others.",
                 {"preemptionPolicy"}, "")};
  lists["Lease.coordination.k8s.io"] = {
      NameColumn(), TextColumn("Holder", "Who holds the lease.", {"spec", "holderIdentity"}, ""),
      AgeColumn()};
  lists["ResourceQuota"] = {
      NameColumn(), TextColumn("Request", "Used and allowed requests.", QuotaCell(false)),
      TextColumn("Limit", "Used and allowed limits.", QuotaCell(true)), AgeColumn()};
  lists["LimitRange"] = {NameColumn(), CreatedAtColumn()};
  lists["CustomResourceDefinition.apiextensions.k8s.io"] = {NameColumn(), CreatedAtColumn()};
}

}  // namespace kless::kubernetes
