#include "functions/kubernetes/validation/job_update_validation.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/types/go_internal_text.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/validation/job_validation.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Indexed Jobs may be scaled if parallelism and completions change together.
void ValidateCompletionsUpdate(const json& spec, const json& old, FieldErrors& errors) {
  const json now = ValueOrNull(spec, "completions");
  if (now == ValueOrNull(old, "completions")) return;
  if (!IsIndexed(spec)) {
    errors.push_back(Immutable("spec.completions", now));
  } else if (now != ValueOrNull(spec, "parallelism")) {
    errors.push_back(
        Invalid("spec.completions", now, "can only be modified in tandem with spec.parallelism"));
  }
}

bool HasSuspendedCondition(const json& job) {
  const json* conditions = Find(job, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    const json& condition = (*conditions)[i];
    if (StringAt(condition, "type") == "Suspended") return StringAt(condition, "status") == "True";
  }
  return false;
}

// Whether a suspended Job is at rest, so that no pod of the old template is left.
bool TemplateIsOpen(const json& old) {
  if (!BoolAt(FindOrEmpty(old, "spec"), "suspend")) return false;
  if (IntegerAt(old, {"status", "active"}).value_or(0) != 0) return false;
  return Find(old, {"status", "startTime"}) == nullptr || HasSuspendedCondition(old);
}

void CopyMember(json& to, const json& from, const char* key) {
  if (const json* value = Find(from, key)) {
    Set(to, key, *value);
  } else {
    Erase(to, key);
  }
}

// Only node affinity may change; an affinity without anything else may be added or removed.
void OpenAffinity(json& spec, const json& wanted) {
  const json* now = Find(wanted, "affinity");
  if (now == nullptr && Find(spec, "affinity") == nullptr) return;
  json* affinity = ObjectAt(spec, "affinity");
  if (affinity == nullptr) return;
  CopyMember(*affinity, now == nullptr ? json::object() : *now, "nodeAffinity");
  if (now == nullptr && affinity->empty()) Erase(spec, "affinity");
}

void OpenResources(json& spec, const json& wanted) {
  for (const char* key : {"containers", "initContainers"}) {
    json* containers = Find(spec, key);
    const json* now = Find(wanted, key);
    if (SizeOf(containers) != SizeOf(now)) continue;
    for (std::size_t i = 0; i < SizeOf(containers); ++i) {
      CopyMember((*containers)[i], (*now)[i], "resources");
    }
  }
}

// The old template with the mutable fields of the new one.
json OpenedTemplate(json old, const json& wanted) {
  json* spec = ObjectAt(old, "spec");
  json* metadata = ObjectAt(old, "metadata");
  if (spec == nullptr || metadata == nullptr) return old;
  const json& wanted_spec = FindOrEmpty(wanted, "spec");
  OpenAffinity(*spec, wanted_spec);
  OpenResources(*spec, wanted_spec);
  for (const char* key : {"nodeSelector", "tolerations", "schedulingGates"}) {
    CopyMember(*spec, wanted_spec, key);
  }
  for (const char* key : {"annotations", "labels"}) {
    CopyMember(*metadata, FindOrEmpty(wanted, "metadata"), key);
  }
  // Fields that the new template omits are removed.
  if (metadata->empty() && Find(wanted, "metadata") == nullptr) Erase(old, "metadata");
  return old;
}

// The API server prints its internal types.
FieldError ImmutableMember(const std::string& key, const json& now) {
  static const std::map<std::string, std::string_view> kInternalTypes = {
      {"template", "PodTemplateSpec"},
      {"podFailurePolicy", "PodFailurePolicy"},
      {"successPolicy", "SuccessPolicy"}};
  const std::string field = "spec." + key;
  const auto type = kInternalTypes.find(key);
  if (type == kInternalTypes.end() || !now.is_object()) return Immutable(field, now);
  static const Schema* const kSpec = MemberSchema(FindSchema("batch/v1", "Job"), "spec");
  return InvalidAs(field, GoInternalJson(type->second, MemberSchema(kSpec, key), now),
                   "field is immutable");
}

void ValidateImmutable(const json& spec, const json& before, const char* key, FieldErrors& errors) {
  const json now = ValueOrNull(spec, key);
  if (now != ValueOrNull(before, key)) errors.push_back(ImmutableMember(key, now));
}

}  // namespace

FieldErrors ValidateJobUpdate(const json& job, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(job, old);
  const json& spec = FindOrEmpty(job, "spec");
  const json& before = FindOrEmpty(old, "spec");
  ValidateJobSpec(spec, errors);
  ValidateCompletionsUpdate(spec, before, errors);
  ValidateImmutable(spec, before, "selector", errors);
  if (TemplateIsOpen(old)) {
    const json now = ValueOrNull(spec, "template");
    if (now != OpenedTemplate(ValueOrNull(before, "template"), now)) {
      errors.push_back(ImmutableMember("template", now));
    }
  } else {
    ValidateImmutable(spec, before, "template", errors);
  }
  for (const char* field : {"completionMode", "podFailurePolicy", "backoffLimitPerIndex",
                            "managedBy", "successPolicy"}) {
    ValidateImmutable(spec, before, field, errors);
  }
  return errors;
}

}  // namespace kless::kubernetes
