#include "functions/controllers/scheduler/pod_shape.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless::controllers::scheduler {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::QuantityMilli;
using kubernetes::QuantityUnits;
using kubernetes::StringAt;
using nlohmann::json;

bool Tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty()) {
    const char* effect = taint.effect == TaintEffect::kNoSchedule         ? "NoSchedule"
                         : taint.effect == TaintEffect::kPreferNoSchedule ? "PreferNoSchedule"
                                                                          : "NoExecute";
    if (toleration.effect != effect) return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  return toleration.exists || (!toleration.key.empty() && toleration.value == taint.value);
}

bool ToleratedByAny(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const Toleration& toleration) { return Tolerates(toleration, taint); });
}

bool Conflict(const HostPort& a, const HostPort& b) {
  if (a.port != b.port || a.protocol != b.protocol) return false;
  return a.ip == b.ip || a.ip == "0.0.0.0" || b.ip == "0.0.0.0";
}

std::string NormalizedImage(std::string_view image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return tagged ? std::string(image) : std::string(image) + ":latest";
}

namespace {

template <class Visit>
void ForEachObject(const json& object, std::initializer_list<const char*> path, Visit visit) {
  const json* array = Find(object, path);
  if (array == nullptr || !array->is_array()) return;
  for (const json& entry : *array) {
    if (entry.is_object()) visit(entry);
  }
}

std::vector<std::string> StringsAt(const json& object, const char* key) {
  std::vector<std::string> strings;
  const json* array = Find(object, key);
  if (array == nullptr || !array->is_array()) return strings;
  for (const json& entry : *array) {
    if (entry.is_string()) strings.push_back(entry.get<std::string>());
  }
  return strings;
}

// ---- requests

using Requests = std::map<std::string, std::int64_t>;  // cpu in thousandths, else whole units

// The requests of one container (or pod); a limit counts if there is no request.
Requests RequestsOf(const json& holder) {
  Requests requests;
  for (const char* list : {"limits", "requests"}) {
    const json* amounts = Find(holder, {"resources", list});
    if (amounts == nullptr || !amounts->is_object()) continue;
    for (const auto& [name, quantity] : amounts->items()) {
      requests[name] = name == "cpu" ? QuantityMilli(quantity) : QuantityUnits(quantity);
    }
  }
  return requests;
}

void Add(Requests& sum, const Requests& more) {
  for (const auto& [name, amount] : more) sum[name] += amount;
}
void Raise(Requests& most, const Requests& other) {
  for (const auto& [name, amount] : other) {
    auto& held = most[name];
    held = std::max(held, amount);
  }
}

// The sum of the containers, or if larger, the need of an init container with the sidecars before
// it.
Requests PodRequests(const json& spec, bool with_defaults) {
  const auto of = [&](const json& container) {
    Requests requests = RequestsOf(container);
    if (with_defaults) {
      requests.try_emplace("cpu", kDefaultMilliCpu);
      requests.try_emplace("memory", kDefaultMemoryBytes);
    }
    return requests;
  };
  Requests sum, sidecars, most;
  ForEachObject(spec, {"containers"}, [&](const json& container) { Add(sum, of(container)); });
  ForEachObject(spec, {"initContainers"}, [&](const json& container) {
    Requests needed = of(container);
    if (StringAt(container, "restartPolicy") == "Always") {
      Add(sum, needed);
      Add(sidecars, needed);
      needed = sidecars;
    } else {
      Add(needed, sidecars);
    }
    Raise(most, needed);
  });
  Raise(sum, most);
  for (const auto& [name, amount] : RequestsOf(spec)) sum[name] = amount;
  const json* overhead = Find(spec, "overhead");
  if (overhead != nullptr && overhead->is_object()) {
    for (const auto& [name, quantity] : overhead->items()) {
      sum[name] += name == "cpu" ? QuantityMilli(quantity) : QuantityUnits(quantity);
    }
  }
  return sum;
}

void ParseRequests(const json& spec, PodShape& shape) {
  for (const auto& [name, amount] : PodRequests(spec, false)) {
    if (name == "cpu") {
      shape.request.milli_cpu = amount;
    } else if (name == "memory") {
      shape.request.memory = amount;
    } else if (name == "ephemeral-storage") {
      shape.request.storage = amount;
    } else if (amount != 0 && name != "pods") {
      shape.request.extended.emplace_back(name, amount);
    }
  }
  Requests scored = PodRequests(spec, true);
  shape.scored_milli_cpu = scored["cpu"];
  shape.scored_memory = scored["memory"];
}

// ---- terms

PodAffinityTerm ParsePodTerm(const json& term) {
  PodAffinityTerm parsed;
  parsed.topology_key = StringAt(term, "topologyKey");
  parsed.selector = ParseLabelSelector(Find(term, "labelSelector"));
  parsed.namespaces = StringsAt(term, "namespaces");
  if (const json* selector = Find(term, "namespaceSelector")) {
    parsed.namespace_selector = ParseLabelSelector(selector);
  }
  parsed.match_keys = StringsAt(term, "matchLabelKeys");
  parsed.mismatch_keys = StringsAt(term, "mismatchLabelKeys");
  return parsed;
}

void ParsePodTerms(const json& spec, const char* kind, std::vector<PodAffinityTerm>& required,
                   std::vector<PodAffinityTerm>& preferred) {
  ForEachObject(spec, {"affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution"},
                [&](const json& term) { required.push_back(ParsePodTerm(term)); });
  ForEachObject(spec, {"affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution"},
                [&](const json& weighted) {
                  const json* term = Find(weighted, "podAffinityTerm");
                  if (term == nullptr) return;
                  preferred.push_back(ParsePodTerm(*term));
                  preferred.back().weight = IntegerAt(weighted, "weight").value_or(0);
                });
}

void ParseNodeTerms(const json& spec, PodShape& shape) {
  shape.node_selector = ParseLabelMap(Find(spec, "nodeSelector"));
  shape.has_required_terms =
      Find(spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"}) !=
      nullptr;
  ForEachObject(
      spec,
      {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
       "nodeSelectorTerms"},
      [&](const json& term) { shape.required_terms.push_back(ParseNodeSelectorTerm(term)); });
  ForEachObject(spec,
                {"affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"},
                [&](const json& weighted) {
                  const json* term = Find(weighted, "preference");
                  if (term == nullptr) return;
                  shape.preferred_terms.emplace_back(IntegerAt(weighted, "weight").value_or(0),
                                                     ParseNodeSelectorTerm(*term));
                });
}

void ParseSpread(const json& spec, PodShape& shape) {
  ForEachObject(spec, {"topologySpreadConstraints"}, [&](const json& constraint) {
    SpreadConstraint parsed;
    parsed.max_skew = IntegerAt(constraint, "maxSkew").value_or(1);
    parsed.topology_key = StringAt(constraint, "topologyKey");
    parsed.hard = StringAt(constraint, "whenUnsatisfiable") != "ScheduleAnyway";
    parsed.selector = ParseLabelSelector(Find(constraint, "labelSelector"));
    parsed.min_domains = IntegerAt(constraint, "minDomains");
    parsed.honor_affinity = StringAt(constraint, "nodeAffinityPolicy") != "Ignore";
    parsed.honor_taints = StringAt(constraint, "nodeTaintsPolicy") == "Honor";
    parsed.match_keys = StringsAt(constraint, "matchLabelKeys");
    shape.spread.push_back(std::move(parsed));
  });
}

// ---- the rest

void ParseTolerations(const json& spec, PodShape& shape) {
  ForEachObject(spec, {"tolerations"}, [&](const json& toleration) {
    shape.tolerations.push_back({StringAt(toleration, "key"), StringAt(toleration, "value"),
                                 StringAt(toleration, "effect"),
                                 StringAt(toleration, "operator") == "Exists"});
  });
}

void ParseContainers(const json& spec, PodShape& shape) {
  for (const char* list : {"initContainers", "containers"}) {
    const bool init = list[0] == 'i';
    ForEachObject(spec, {list}, [&](const json& container) {
      shape.images.push_back(NormalizedImage(StringAt(container, "image")));
      if (init && StringAt(container, "restartPolicy") != "Always") return;
      ForEachObject(container, {"ports"}, [&](const json& port) {
        const auto number = IntegerAt(port, "hostPort");
        if (!number || *number <= 0) return;
        HostPort parsed{StringAt(port, "hostIP"), StringAt(port, "protocol"), *number};
        if (parsed.ip.empty()) parsed.ip = "0.0.0.0";
        if (parsed.protocol.empty()) parsed.protocol = "TCP";
        shape.ports.push_back(std::move(parsed));
      });
    });
  }
}

void ParseVolumes(const json& spec, PodShape& shape) {
  ForEachObject(spec, {"volumes"}, [&](const json& volume) {
    if (const json* claim = Find(volume, "persistentVolumeClaim")) {
      shape.claims.push_back(StringAt(*claim, "claimName"));
    } else if (Find(volume, "ephemeral") != nullptr) {
      shape.ephemeral_volumes.push_back(StringAt(volume, "name"));
    }
  });
}

}  // namespace

PodShape ParsePodShape(std::string_view shape_text) {
  PodShape shape;
  auto parsed = ParseJson(shape_text);
  const json spec = parsed ? std::move(*parsed) : json::object();
  ParseRequests(spec, shape);
  shape.priority = IntegerAt(spec, "priority");
  shape.priority_class = StringAt(spec, "priorityClassName");
  shape.preemption_policy = StringAt(spec, "preemptionPolicy");
  shape.scheduler_name = StringAt(spec, "schedulerName");
  if (shape.scheduler_name.empty()) shape.scheduler_name = "default-scheduler";
  const json* gates = Find(spec, "schedulingGates");
  shape.gated = gates != nullptr && gates->is_array() && !gates->empty();
  ParseTolerations(spec, shape);
  ParseNodeTerms(spec, shape);
  ParsePodTerms(spec, "podAffinity", shape.affinity, shape.preferred_affinity);
  ParsePodTerms(spec, "podAntiAffinity", shape.anti_affinity, shape.preferred_anti_affinity);
  ParseSpread(spec, shape);
  ParseContainers(spec, shape);
  ParseVolumes(spec, shape);
  return shape;
}

std::shared_ptr<const PodShape> PodShapes::Intern(const std::string& shape_text) {
  const auto found = shapes_.find(shape_text);
  if (found != shapes_.end()) {
    if (auto shape = found->second.lock()) return shape;
  }
  if (shapes_.size() >= purge_at_) {
    std::erase_if(shapes_, [](const auto& entry) { return entry.second.expired(); });
    purge_at_ = std::max<std::size_t>(256, 2 * shapes_.size());
  }
  auto shape = std::make_shared<const PodShape>(ParsePodShape(shape_text));
  shapes_[shape_text] = shape;
  return shape;
}

}  // namespace kless::controllers::scheduler
