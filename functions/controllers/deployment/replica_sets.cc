#include "functions/controllers/deployment/replica_sets.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/ownership.h"
#include "functions/kubernetes/values/int_or_percent.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::FindOrEmpty;
using kubernetes::IntegerAt;
using kubernetes::ObjectAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxHistory = 2000;  // characters

bool IsCopied(const std::string& annotation) {
  static const std::set<std::string> kOwn = {"kubectl.kubernetes.io/last-applied-configuration",
                                             kRevision,
                                             kRevisionHistory,
                                             kDesiredReplicas,
                                             kMaxReplicas,
                                             kRollbackTo};
  return !kOwn.contains(annotation);
}

struct Bounds {
  std::int64_t surge = 0, unavailable = 0;
};

Bounds BoundsOf(const json& deployment) {
  const std::int64_t replicas = SpecReplicas(deployment);
  const json& rolling = FindOrEmpty(deployment, {"spec", "strategy", "rollingUpdate"});
  const auto value = [&](const char* key, bool round_up) {
    const json* given = Find(rolling, key);
    return kubernetes::ScaledValue(given == nullptr ? json("25%") : *given, replicas, round_up)
        .value_or(0);
  };
  Bounds bounds{value("maxSurge", true), value("maxUnavailable", false)};
  // Both may round to zero; then the rollout could not proceed.
  if (bounds.surge == 0 && bounds.unavailable == 0) bounds.unavailable = 1;
  return bounds;
}

json WithoutHash(const json& pod_template) {
  json plain = pod_template.is_object() ? pod_template : json::object();
  if (json* labels = Find(plain, {"metadata", "labels"})) kubernetes::Erase(*labels, kHashLabel);
  return plain;
}

void AppendHistory(json& set, const std::string& revision) {
  std::string history = AnnotationAt(set, kRevisionHistory);
  if (history.empty()) {
    history = revision;
  } else {
    while (!history.empty() && history.size() + revision.size() + 1 > kMaxHistory) {
      const std::size_t comma = history.find(',');
      history = comma == std::string::npos ? "" : history.substr(comma + 1);
    }
    history += (history.empty() ? "" : ",") + revision;
  }
  SetAnnotation(set, kRevisionHistory, history);
}

}  // namespace

std::string AnnotationAt(const json& object, const char* key) {
  return StringAt(object, {"metadata", "annotations", key});
}

bool SetAnnotation(json& object, const std::string& key, const std::string& value) {
  json* metadata = ObjectAt(object, "metadata");
  json* annotations = metadata == nullptr ? nullptr : ObjectAt(*metadata, "annotations");
  if (annotations == nullptr) return false;
  json& member = (*annotations)[key];
  if (member == value) return false;
  member = value;
  return true;
}

std::int64_t SpecReplicas(const json& object) {
  return IntegerAt(object, {"spec", "replicas"}).value_or(1);
}

std::int64_t StatusCount(const json& object, const char* key) {
  return IntegerAt(object, {"status", key}).value_or(0);
}

std::int64_t RevisionOf(const json& object) {
  return ParseInteger(AnnotationAt(object, kRevision)).value_or(0);
}

bool IsRollingUpdate(const json& deployment) {
  return StringAt(deployment, {"spec", "strategy", "type"}) != "Recreate";
}

std::int64_t MaxSurge(const json& deployment) {
  return IsRollingUpdate(deployment) ? BoundsOf(deployment).surge : 0;
}

std::int64_t MaxUnavailable(const json& deployment) {
  const std::int64_t replicas = SpecReplicas(deployment);
  if (!IsRollingUpdate(deployment) || replicas == 0) return 0;
  return std::min(BoundsOf(deployment).unavailable, replicas);
}

bool SameTemplate(const json& a, const json& b) { return WithoutHash(a) == WithoutHash(b); }

std::string TemplateHash(const json& pod_template, std::int64_t collisions) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string text = DumpJson(WithoutHash(pod_template));
  if (collisions > 0) text += "#" + std::to_string(collisions);
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  std::string encoded;
  for (const char digit : std::to_string(hash)) {
    encoded += kAlphabet[static_cast<std::size_t>(digit) % kAlphabet.size()];
  }
  return encoded;
}

json NewReplicaSet(const json& deployment, const std::string& namespace_name,
                   std::int64_t unix_nanos) {
  json pod_template = FindOrEmpty(deployment, {"spec", "template"});
  const std::string hash = TemplateHash(pod_template, StatusCount(deployment, "collisionCount"));
  json* template_metadata = ObjectAt(pod_template, "metadata");
  json* labels = template_metadata == nullptr ? nullptr : ObjectAt(*template_metadata, "labels");
  if (labels != nullptr) (*labels)[kHashLabel] = hash;
  json selector = FindOrEmpty(deployment, {"spec", "selector"});
  if (json* matched = ObjectAt(selector, "matchLabels")) (*matched)[kHashLabel] = hash;
  json metadata = {{"creationTimestamp", FormatTime(unix_nanos)},
                   {"generation", 1},
                   {"labels", labels == nullptr ? json::object() : *labels},
                   {"name", StringAt(deployment, {"metadata", "name"}) + "-" + hash},
                   {"namespace", namespace_name},
                   {"ownerReferences", json::array({ControllerReference(deployment)})}};
  json spec = {{"replicas", 0}, {"selector", std::move(selector)}};
  spec["template"] = std::move(pod_template);
  if (const auto seconds = IntegerAt(deployment, {"spec", "minReadySeconds"});
      seconds && *seconds) {
    spec["minReadySeconds"] = *seconds;
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "ReplicaSet"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", {{"replicas", 0}}}};
}

bool SetReplicasAnnotations(json& set, const json& deployment) {
  const std::int64_t replicas = SpecReplicas(deployment);
  const bool desired = SetAnnotation(set, kDesiredReplicas, std::to_string(replicas));
  const bool most =
      SetAnnotation(set, kMaxReplicas, std::to_string(replicas + MaxSurge(deployment)));
  return desired || most;
}

bool SetNewSetAnnotations(json& set, const json& deployment, std::int64_t revision, bool exists) {
  bool changed = false;
  const json& annotations = FindOrEmpty(deployment, {"metadata", "annotations"});
  for (const auto& [key, value] : annotations.items()) {
    if (!IsCopied(key) || !value.is_string()) continue;
    changed = SetAnnotation(set, key, value.get<std::string>()) || changed;
  }
  const std::string old_text = AnnotationAt(set, kRevision);
  const auto old_revision = ParseInteger(old_text);
  if (!old_text.empty() && !old_revision) return changed;
  if (old_revision.value_or(0) < revision) {
    changed = SetAnnotation(set, kRevision, std::to_string(revision)) || changed;
    if (old_revision) AppendHistory(set, old_text);
  }
  if (!exists) changed = SetReplicasAnnotations(set, deployment) || changed;
  return changed;
}

}  // namespace kless::controllers
