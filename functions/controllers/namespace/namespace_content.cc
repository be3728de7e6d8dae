// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/namespace/deletion/namespaced_resources_deleter.go
#include "functions/controllers/namespace/namespace_content.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/custom_types.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

// How long finalizers are expected to hold an object.
constexpr std::int64_t kFinalizerEstimateSeconds = 15;
constexpr std::int64_t kMaxEstimateSeconds = 1'000'000;

// The result of one pass over one kind.
struct KindPass {
  Batch deletions;
  int remaining = 0;
  std::map<std::string, int> finalizers;
  std::int64_t estimate_seconds = 0;
};

// The time that a pod may take to end by itself.
std::int64_t GraceOf(const json& pod) {
  const std::string phase = kubernetes::StringAt(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const auto grace = kubernetes::IntegerAt(pod, {"spec", "terminationGracePeriodSeconds"});
  return std::clamp<std::int64_t>(grace.value_or(0), 0, kMaxEstimateSeconds);
}

void CountFinalizers(const json& object, std::map<std::string, int>* finalizers) {
  const json* entries = kubernetes::Find(object, {"metadata", "finalizers"});
  if (entries == nullptr || !entries->is_array()) return;
  for (const json& entry : *entries) {
    if (entry.is_string()) ++(*finalizers)[entry.get_ref<const std::string&>()];
  }
}

KindPass PassOverKind(const kubernetes::Kind& kind,
                      const std::vector<std::pair<ResourceId, ItemPtr>>& items,
                      std::int64_t unix_nanos) {
  KindPass pass;
  for (const auto& [id, item] : items) {
    const json object = ObjectOf(item);
    if (!IsDeleting(item)) {
      Write write = DeletionOf(id, UidOf(item), Deletion::Propagation::kBackground);
      pass.deletions.writes.push_back(std::move(write));
      if (!kubernetes::DeleteObject(kind, object, {}, unix_nanos)) continue;
    }
    ++pass.remaining;
    CountFinalizers(object, &pass.finalizers);
    if (kind.deletion.graceful) {
      pass.estimate_seconds = std::max(pass.estimate_seconds, GraceOf(object));
    }
  }
  if (!pass.finalizers.empty()) {
    pass.estimate_seconds = kFinalizerEstimateSeconds;
  } else if (pass.remaining > 0 && pass.estimate_seconds == 0) {
    pass.estimate_seconds = 1;
  }
  return pass;
}

void AppendContent(Batch&& from, Batch* to) {
  std::move(from.writes.begin(), from.writes.end(), std::back_inserter(to->writes));
}

// Returns "configmaps." or "jobs.batch"; the group of core resources is empty.
std::string GroupResource(const kubernetes::Kind& kind) { return kind.plural + "." + kind.group; }

// Adds the result for one kind.
void Take(KindPass&& of_kind, const std::string& resource, ContentPass* pass) {
  AppendContent(std::move(of_kind.deletions), &pass->others);
  if (of_kind.remaining > 0) pass->remaining[resource] = of_kind.remaining;
  for (const auto& [finalizer, count] : of_kind.finalizers) pass->finalizers[finalizer] += count;
  pass->estimate_seconds = std::max(pass->estimate_seconds, of_kind.estimate_seconds);
}

struct Finding {
  const char* type;
  bool bad = false;
  std::string reason, message;
};

// Formats "Some resources are remaining: configmaps. has 1 resource instances, ...".
std::string Sentence(const std::string& begin, const char* verb,
                     const std::map<std::string, int>& counts) {
  std::string text = begin;
  for (const auto& [name, count] : counts) {
    if (text.size() > begin.size()) text += ", ";
    text += name + verb + std::to_string(count) + " resource instances";
  }
  return text;
}

std::vector<Finding> ContentFindings(const std::map<std::string, int>& remaining,
                                     const std::map<std::string, int>& finalizers) {
  std::vector<Finding> findings = {
      {"NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
       "All resources successfully discovered"},
      {"NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
       "All legacy kube types successfully parsed"},
      {"NamespaceDeletionContentFailure", false, "ContentDeleted",
       "All content successfully deleted, may be waiting on finalization"},
      {"NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed"},
      {"NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
       "All content-preserving finalizers finished"}};
  if (!remaining.empty()) {
    findings[3].bad = true;
    findings[3].reason = "SomeResourcesRemain";
    findings[3].message = Sentence("Some resources are remaining: ", " has ", remaining);
  }
  if (!finalizers.empty()) {
    findings[4].bad = true;
    findings[4].reason = "SomeFinalizersRemain";
    findings[4].message =
        Sentence("Some content in the namespace has finalizers remaining: ", " in ", finalizers);
  }
  return findings;
}

bool SetContentCondition(json& conditions, const Finding& finding, std::int64_t unix_nanos) {
  const char* status = finding.bad ? "True" : "False";
  json* condition = nullptr;
  for (json& entry : conditions) {
    if (kubernetes::StringAt(entry, "type") == finding.type) condition = &entry;
  }
  if (condition == nullptr) condition = &conditions.emplace_back(json{{"type", finding.type}});
  const bool moved = kubernetes::StringAt(*condition, "status") != status;
  if (!moved && kubernetes::StringAt(*condition, "reason") == finding.reason &&
      kubernetes::StringAt(*condition, "message") == finding.message) {
    return false;
  }
  if (moved) (*condition)["lastTransitionTime"] = FormatTime(unix_nanos);
  (*condition)["status"] = status;
  (*condition)["reason"] = finding.reason;
  (*condition)["message"] = finding.message;
  return true;
}

}  // namespace

ContentPass PassOver(const std::string& namespace_name, World& world) {
  ContentPass pass;
  const std::string prefix = namespace_name + "/";
  const kubernetes::Kind* pod = kubernetes::FindKindByType("pod");
  const auto* pods = world.List("pod", prefix);
  if (pod == nullptr || pods == nullptr) return pass;
  KindPass of_pods = PassOverKind(*pod, *pods, world.unix_nanos());
  pass.pods = std::move(of_pods.deletions);
  if (of_pods.remaining > 0) {
    // While there are pods, nothing else is deleted or counted (NS6, NS8).
    pass.estimate_seconds = of_pods.estimate_seconds;
    pass.known = true;
    return pass;
  }
  bool known = true;
  for (const kubernetes::Kind& kind : kubernetes::Kinds()) {
    if (!kind.namespaced || kind.type == "pod") continue;
    const auto* items = world.List(kind.type, prefix);
    known &= items != nullptr;
    if (items == nullptr) continue;
    Take(PassOverKind(kind, *items, world.unix_nanos()), GroupResource(kind), &pass);
  }
  const auto custom_types = CustomTypesOf(world);
  known &= custom_types.has_value();
  for (const CustomType& type : custom_types.value_or(std::vector<CustomType>())) {
    if (!type.namespaced) continue;
    static const kubernetes::Kind kCustom;
    const auto* items = world.List(type.type, prefix);
    known &= items != nullptr;
    if (items != nullptr) Take(PassOverKind(kCustom, *items, world.unix_nanos()), type.type, &pass);
  }
  pass.known = known;
  return pass;
}

bool SetNamespaceConditions(json& object, const std::map<std::string, int>& remaining,
                            const std::map<std::string, int>& finalizers, std::int64_t unix_nanos) {
  json* status = kubernetes::ObjectAt(object, "status");
  if (status == nullptr) return false;
  json& conditions = (*status)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  bool changed = false;
  for (const Finding& finding : ContentFindings(remaining, finalizers)) {
    changed |= SetContentCondition(conditions, finding, unix_nanos);
  }
  return changed;
}

}  // namespace kless::controllers
