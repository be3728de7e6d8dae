// Node (v1): defaults, and the rules of its fields.
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kNotReadyTaint = "node.kubernetes.io/not-ready";

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go
void ApplyNodeDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  const std::string range = spec == nullptr ? "" : StringAt(*spec, "podCIDR");
  if (!range.empty()) {
    const json* ranges = Find(*spec, "podCIDRs");
    if (SizeOf(ranges) == 0 || (*ranges)[0] != range) (*spec)["podCIDRs"] = json::array({range});
  }
  json* status = ObjectAt(object, "status");
  if (status == nullptr) return;
  if (const json* capacity = Find(*status, "capacity")) {
    SetDefault(*status, "allocatable", *capacity);
  }
  SetDefault(*status, "daemonEndpoints", {{"kubeletEndpoint", {{"Port", 0}}}});
  json* info = ObjectAt(*status, "nodeInfo");
  if (info == nullptr) return;
  for (const char* key :
       {"machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion",
        "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"}) {
    SetDefault(*info, key, "");
  }
}

// The admission plugin TaintNodesByCondition: whatever the status of a new node, no pod is placed
// on it before the node controller has checked it (SC13, NL1).
void PrepareNewNode(json& object, const WriteContext&) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  json& taints = (*spec)["taints"];
  if (taints.is_null()) taints = json::array();
  if (!taints.is_array()) return;
  for (const json& taint : taints) {
    if (StringAt(taint, "key") == kNotReadyTaint && StringAt(taint, "effect") == "NoSchedule") {
      return;
    }
  }
  taints.push_back({{"effect", "NoSchedule"}, {"key", kNotReadyTaint}});
}

void ValidateTaint(const json& taint, const std::string& field, FieldErrors& errors) {
  const std::string key = StringAt(taint, "key");
  const std::string value = StringAt(taint, "value");
  const std::string effect = StringAt(taint, "effect");
  for (const std::string& problem : LabelKeyProblems(key)) {
    errors.push_back(Invalid(field + ".key", key, problem));
  }
  for (const std::string& problem : LabelValueProblems(value)) {
    errors.push_back(Invalid(field + ".value", value, problem));
  }
  if (effect.empty()) {
    errors.push_back(Required(field + ".effect", ""));
  } else if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
    errors.push_back(
        NotSupported(field + ".effect", effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"}));
  }
}

FieldErrors ValidateNode(const json& object) {
  FieldErrors errors;
  const json* taints = Find(object, {"spec", "taints"});
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < SizeOf(taints); ++i) {
    const json& taint = (*taints)[i];
    const std::string field = "spec.taints[" + std::to_string(i) + "]";
    ValidateTaint(taint, field, errors);
    if (!seen.insert({StringAt(taint, "key"), StringAt(taint, "effect")}).second) {
      FieldError duplicate = Duplicate(field, taint);
      duplicate.message += ": taints must be unique by key and effect pair";
      errors.push_back(std::move(duplicate));
    }
  }
  return errors;
}

FieldErrors ValidateNodeUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : ValidateNode(object)) errors.push_back(std::move(error));
  const json& spec = FindOrEmpty(object, "spec");
  const json& before = FindOrEmpty(old, "spec");
  if (SizeOf(Find(before, "podCIDRs")) > 0 &&
      ValueOrNull(spec, "podCIDRs") != ValueOrNull(before, "podCIDRs")) {
    errors.push_back(Forbidden("spec.podCIDRs",
                               "node updates may not change podCIDR except from \"\" to valid"));
  }
  const std::string provider = StringAt(before, "providerID");
  if (!provider.empty() && StringAt(spec, "providerID") != provider) {
    errors.push_back(Forbidden("spec.providerID",
                               "node updates may not change providerID except from \"\" to valid"));
  }
  return errors;
}

}  // namespace

Kind NodeKind() {
  Kind kind;
  kind.version = "v1";
  kind.kind = "Node";
  kind.plural = "nodes";
  kind.singular = "node";
  kind.short_names = {"no"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "node";
  kind.namespaced = false;
  kind.has_status = true;
  kind.apply_defaults = ApplyNodeDefaults;
  kind.prepare_create = PrepareNewNode;
  kind.validate = ValidateNode;
  kind.validate_update = ValidateNodeUpdate;
  kind.selectable_fields = {"spec.unschedulable"};
  kind.field_value = [](const json& object, const std::string& field) -> std::string {
    if (field != "spec.unschedulable") return "";
    return BoolAt(FindOrEmpty(object, "spec"), "unschedulable") ? "true" : "false";
  };
  return kind;
}

}  // namespace kless::kubernetes
