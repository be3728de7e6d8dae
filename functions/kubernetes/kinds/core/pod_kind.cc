// Pod (v1): the order of defaults, admission and validation, which are in objects/ and validation/.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/pod_admission.h"
#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/objects/priority_classes.h"
#include "functions/kubernetes/validation/pod_parts_validation.h"
#include "functions/kubernetes/validation/pod_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

const json& SpecOf(const json& object) {
  static const json kEmpty = json::object();
  const json* spec = Find(object, "spec");
  return spec == nullptr ? kEmpty : *spec;
}

void ApplyPodDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  ApplyPodSpecDefaults(*spec);
  ApplyPodOnlyDefaults(*spec);
}

std::optional<std::string> AdmitNewPod(json& object, const WriteContext& context) {
  if (context.stored == nullptr) return AdmitPod(object, nullptr, nullptr);
  StoredObjects& stored = *context.stored;
  return AdmitPod(
      object, [&](const std::string& name) { return FindPriorityClass(stored, name); },
      [&](const std::string& name) { return stored.Find("node", name); });
}

void PrepareNewPod(json& object, const WriteContext& context) {
  if (context.warnings == nullptr) return;
  const auto problems = DnsLabelProblems(StringAt(object, {"metadata", "name"}));
  if (problems.empty()) return;
  std::string joined;
  for (const std::string& problem : problems) joined += (joined.empty() ? "" : " ") + problem;
  context.warnings->push_back(
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
      "a DNS label is recommended: [" +
      joined + "]");
}

json WithEphemeralContainers(const json& old, const json& body) {
  json object = old;
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return object;
  Erase(*spec, "ephemeralContainers");
  if (const json* wanted = Find(body, {"spec", "ephemeralContainers"})) {
    (*spec)["ephemeralContainers"] = *wanted;
  }
  return object;
}

// The subresource "resize" changes only the resources of containers.
json WithResources(const json& old, const json& body) {
  json object = old;
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return object;
  json* containers = Find(*spec, "containers");
  const json* wanted = Find(body, {"spec", "containers"});
  for (std::size_t i = 0; i < SizeOf(containers); ++i) {
    for (std::size_t j = 0; j < SizeOf(wanted); ++j) {
      if (StringAt((*wanted)[j], "name") != StringAt((*containers)[i], "name")) continue;
      Set((*containers)[i], "resources", FindOrEmpty((*wanted)[j], "resources"));
    }
  }
  return object;
}

// Fields set by admission at creation are kept if an update omits them.
void PreparePodUpdate(json& object, const json& old, const WriteContext&) {
  json* spec = Find(object, "spec");
  if (spec == nullptr) return;
  for (const char* key : {"priority", "preemptionPolicy"}) {
    if (const json* value = Find(SpecOf(old), key)) SetDefault(*spec, key, *value);
  }
  ApplyPodAdmission(*spec);
}

// SC31.
FieldErrors ValidatePod(const json& object) {
  FieldErrors errors;
  ValidateDeletionCost(object, errors);
  const json& spec = SpecOf(object);
  ValidatePodSpec(spec, "spec", errors);
  if (SizeOf(Find(spec, "schedulingGates")) > 0 && !StringAt(spec, "nodeName").empty()) {
    errors.push_back(
        Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  return errors;
}

FieldErrors ValidatePodUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  ValidateDeletionCost(object, errors);
  ValidatePodSpec(SpecOf(object), "spec", errors);
  if (!errors.empty()) return errors;
  json before = SpecOf(old);
  ApplyPodSpecDefaults(before);
  ApplyPodOnlyDefaults(before);
  ApplyPodAdmission(before);
  ValidatePodSpecUpdate(SpecOf(object), before, errors);
  return errors;
}

std::string PodFieldValue(const json& object, const std::string& field) {
  if (field == "spec.hostNetwork") {
    return BoolAt(SpecOf(object), "hostNetwork") ? "true" : "false";
  }
  const std::size_t dot = field.find('.');
  if (dot == std::string::npos) return "";
  return StringAt(object, {field.substr(0, dot).c_str(), field.c_str() + dot + 1});
}

}  // namespace

Kind PodKind() {
  Kind kind;
  kind.version = "v1";
  kind.kind = "Pod";
  kind.plural = "pods";
  kind.singular = "pod";
  kind.short_names = {"po"};
  kind.categories = {"all"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "pod";
  kind.has_status = true;
  kind.subresources = {
      {"attach", "PodAttachOptions", "", "", {"create", "get"}},
      {"binding", "Binding", "", "", {"create"}},
      {"ephemeralcontainers", "Pod", "", "", {"get", "patch", "update"}, WithEphemeralContainers},
      {"eviction", "Eviction", "policy", "v1", {"create"}},
      {"exec", "PodExecOptions", "", "", {"create", "get"}},
      {"log", "Pod", "", "", {"get"}},
      {"portforward", "PodPortForwardOptions", "", "", {"create", "get"}},
      {"resize", "Pod", "", "", {"get", "patch", "update"}, WithResources}};
  kind.has_generation = true;
  kind.deletion.graceful = true;
  kind.apply_defaults = ApplyPodDefaults;
  kind.admit = AdmitNewPod;
  kind.prepare_create = PrepareNewPod;
  kind.prepare_update = PreparePodUpdate;
  kind.validate = ValidatePod;
  kind.validate_update = ValidatePodUpdate;
  kind.selectable_fields = {
      "spec.nodeName",    "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
      "spec.hostNetwork", "status.phase",       "status.podIP",       "status.nominatedNodeName"};
  kind.field_value = PodFieldValue;
  return kind;
}

}  // namespace kless::kubernetes
