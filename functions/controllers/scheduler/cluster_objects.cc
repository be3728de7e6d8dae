// The fields that the cluster reads of objects that are neither nodes nor pods.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/scheduler/cluster.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers::scheduler {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

Budget ParseBudget(const std::string& name, const json& object) {
  Budget budget;
  budget.namespace_name = NamespacePart(name);
  budget.selector = ParseLabelSelector(Find(object, {"spec", "selector"}));
  budget.allowed = IntegerAt(object, {"status", "disruptionsAllowed"}).value_or(0);
  const json* disrupted = Find(object, {"status", "disruptedPods"});
  if (disrupted != nullptr && disrupted->is_object()) {
    for (const auto& [pod, time] : disrupted->items()) budget.disrupted.insert(pod);
  }
  return budget;
}

SelectorOwner ParseOwner(const std::string& name, const json& object, bool plain_map) {
  SelectorOwner owner;
  owner.namespace_name = NamespacePart(name);
  const json* selector = Find(object, {"spec", "selector"});
  if (!plain_map) {
    owner.selector = ParseLabelSelector(selector);
  } else if (selector != nullptr && selector->is_object()) {
    owner.selector.requirements = ParseLabelMap(selector);
    owner.selector.matches_nothing = owner.selector.requirements.empty();
  }
  return owner;
}

// Sets or erases `map[key]`.
template <class Map, class Parse>
bool Assign(Map& map, const std::string& key, const json* object, Parse parse) {
  if (object == nullptr) return map.erase(key) > 0;
  map[key] = parse(*object);
  return true;
}

}  // namespace

bool Cluster::SetOther(const std::string& type, const std::string& name, const ItemPtr& image) {
  if (type == "namespace") {
    Touch();
    if (image == nullptr) return namespaces_.erase(name) > 0;
    namespaces_[name] =
        image->fields != nullptr ? image->fields : ExtractResourceFields(image->document, name);
    return true;
  }
  const bool plain_map = type == "service" || type == "replicationcontroller";
  const bool owner = plain_map || type == "replicaset" || type == "statefulset";
  if (!owner && type != "poddisruptionbudget" && type != "persistentvolumeclaim" &&
      type != "priorityclass") {
    return false;
  }
  Touch();
  json parsed;
  const json* object = nullptr;
  if (image != nullptr) {
    if (auto document = ParseJson(image->document)) {
      parsed = std::move(*document);
      object = &parsed;
    }
  }
  if (owner) {
    auto& map = type == "service" ? services_ : owners_;
    const std::string key = type == "service" ? name : type + "/" + name;
    return Assign(map, key, object, [&](const json& o) { return ParseOwner(name, o, plain_map); });
  }
  if (type == "poddisruptionbudget") {
    return Assign(budgets_, name, object, [&](const json& o) { return ParseBudget(name, o); });
  }
  if (type == "priorityclass") {
    return Assign(priority_classes_, name, object, [](const json& o) {
      return PriorityClass{IntegerAt(o, "value").value_or(0), StringAt(o, "preemptionPolicy")};
    });
  }
  return Assign(claims_, name, object, [](const json& o) {
    return Claim{!StringAt(o, {"spec", "volumeName"}).empty(),
                 Find(o, {"metadata", "deletionTimestamp"}) != nullptr};
  });
}

const Claim* Cluster::FindClaim(const std::string& name) const {
  const auto found = claims_.find(name);
  return found == claims_.end() ? nullptr : &found->second;
}

const Labels* Cluster::NamespaceLabels(std::string_view name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : &found->second->labels;
}

std::vector<const LabelSelectorTerm*> Cluster::DefaultSelectors(const PodRecord& pod) const {
  std::vector<const LabelSelectorTerm*> selectors;
  if (services_.empty() && owners_.empty()) return selectors;
  for (const auto& [name, service] : services_) {
    if (service.namespace_name == pod.namespace_name() && service.selector.Matches(pod.labels())) {
      selectors.push_back(&service.selector);
    }
  }
  const std::string& kind = pod.fields->owner_kind;
  const char* type = kind == "ReplicaSet"              ? "replicaset"
                     : kind == "StatefulSet"           ? "statefulset"
                     : kind == "ReplicationController" ? "replicationcontroller"
                                                       : nullptr;
  if (type == nullptr) return selectors;
  const std::string key =
      std::string(type) + "/" + std::string(pod.namespace_name()) + "/" + pod.fields->owner_name;
  const auto found = owners_.find(key);
  if (found != owners_.end() && !found->second.selector.matches_nothing) {
    selectors.push_back(&found->second.selector);
  }
  return selectors;
}

}  // namespace kless::controllers::scheduler
