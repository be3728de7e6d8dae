#include "functions/kubernetes/custom/definition_rules.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/approval.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/custom/version_rules.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void CheckGroup(const json& spec, FieldErrors& errors) {
  const std::string group = StringAt(spec, "group");
  if (group.empty()) {
    errors.push_back(Required("spec.group", ""));
    return;
  }
  for (const std::string& problem : DnsSubdomainProblems(group)) {
    errors.push_back(Invalid("spec.group", group, problem));
  }
  if (group.find('.') == std::string::npos) {
    errors.push_back(Invalid("spec.group", group, "should be a domain with at least one dot"));
  }
}

// A null `old` means a create.  An existing violation may stay.
void CheckApproval(const json& definition, const json* old, FieldErrors& errors) {
  using State = Approval::State;
  const Approval approval = ApprovalOf(definition);
  if (old != nullptr && ApprovalOf(*old).state == approval.state) return;
  const std::string field = std::string("metadata.annotations[") + kApprovalAnnotation + "]";
  if (approval.state == State::kMissing) {
    errors.push_back(Required(field, approval.sentence));
  } else if (approval.state == State::kInvalid) {
    const std::string text = StringAt(definition, {"metadata", "annotations", kApprovalAnnotation});
    errors.push_back(Invalid(field, text, approval.sentence));
  }
}

void CheckName(const std::string& field, const std::string& name, bool mixed, FieldErrors& errors) {
  if (name.empty()) {
    errors.push_back(Required(field, ""));
    return;
  }
  for (const std::string& problem : Dns1035LabelProblems(mixed ? LowerCase(name) : name)) {
    errors.push_back(Invalid(
        field, name, (mixed ? "may have mixed case, but should otherwise match: " : "") + problem));
  }
}

void CheckNames(const json& names, FieldErrors& errors) {
  const std::string field = "spec.names";
  const std::string kind = StringAt(names, "kind");
  const std::string list_kind = StringAt(names, "listKind");
  CheckName(field + ".plural", StringAt(names, "plural"), false, errors);
  CheckName(field + ".singular", StringAt(names, "singular"), false, errors);
  CheckName(field + ".kind", kind, true, errors);
  CheckName(field + ".listKind", list_kind, true, errors);
  for (const char* member : {"shortNames", "categories"}) {
    const json* values = Find(names, member);
    for (std::size_t i = 0; i < SizeOf(values); ++i) {
      const std::string value = (*values)[i].is_string() ? (*values)[i].get<std::string>() : "";
      CheckName(field + "." + member + "[" + std::to_string(i) + "]", value, false, errors);
    }
  }
  if (!kind.empty() && kind == list_kind) {
    errors.push_back(
        Invalid(field + ".listKind", list_kind, "kind and listKind may not be the same"));
  }
}

void CheckConversion(const json& spec, FieldErrors& errors) {
  const std::string strategy = StringAt(spec, {"conversion", "strategy"});
  if (strategy == "None") return;
  if (strategy.empty()) {
    errors.push_back(Required("spec.conversion.strategy", ""));
    return;
  }
  // The API server also supports webhooks.
  errors.push_back(NotSupported("spec.conversion.strategy", strategy, {"None"}));
}

void CheckStoredVersions(const json& definition, FieldErrors& errors) {
  const json* stored = Find(definition, {"status", "storedVersions"});
  const json* versions = Find(definition, {"spec", "versions"});
  for (std::size_t i = 0; i < SizeOf(stored); ++i) {
    bool there = false;
    for (std::size_t j = 0; j < SizeOf(versions); ++j) {
      there |= (*versions)[j].is_object() && ValueOrNull((*versions)[j], "name") == (*stored)[i];
    }
    if (there) continue;
    errors.push_back(Invalid("status.storedVersions[" + std::to_string(i) + "]", (*stored)[i],
                             "missing from spec.versions; the storage migration to the other "
                             "versions must come first"));
  }
}

}  // namespace

FieldErrors ValidateServedDefinition(const json& definition) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(definition, "spec");
  const std::string name = StringAt(definition, {"metadata", "name"});
  if (name != StringAt(spec, {"names", "plural"}) + "." + StringAt(spec, "group")) {
    errors.push_back(Invalid("metadata.name", name, R"(must be spec.names.plural+"."+spec.group)"));
  }
  CheckGroup(spec, errors);
  const std::string scope = StringAt(spec, "scope");
  if (scope.empty()) {
    errors.push_back(Required("spec.scope", ""));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    errors.push_back(NotSupported("spec.scope", scope, {"Cluster", "Namespaced"}));
  }
  for (FieldError& error : ValidateVersions(spec)) errors.push_back(std::move(error));
  CheckNames(FindOrEmpty(spec, "names"), errors);
  for (FieldError& error : ValidateSharedParts(spec)) errors.push_back(std::move(error));
  CheckConversion(spec, errors);
  CheckStoredVersions(definition, errors);
  if (BoolAt(spec, "preserveUnknownFields")) {
    errors.push_back(Invalid("spec.preserveUnknownFields", true,
                             "cannot set to true, set x-kubernetes-preserve-unknown-fields to true "
                             "in spec.versions[*].schema instead"));
  }
  return errors;
}

FieldErrors ValidateDefinition(const json& definition) {
  FieldErrors errors = ValidateServedDefinition(definition);
  CheckApproval(definition, nullptr, errors);
  return errors;
}

FieldErrors ValidateDefinitionUpdate(const json& definition, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(definition, old);
  for (FieldError& error : ValidateServedDefinition(definition)) errors.push_back(std::move(error));
  const json& spec = FindOrEmpty(definition, "spec");
  const json& before = FindOrEmpty(old, "spec");
  const auto keep = [&](const std::string& field, std::initializer_list<const char*> path) {
    const std::string value = StringAt(spec, path);
    if (value != StringAt(before, path)) errors.push_back(Immutable(field, value));
  };
  keep("spec.group", {"group"});
  keep("spec.names.plural", {"names", "plural"});
  if (HasConditionTrue(old, "Established")) {
    keep("spec.scope", {"scope"});
    keep("spec.names.kind", {"names", "kind"});
  }
  CheckApproval(definition, &old, errors);
  return errors;
}

}  // namespace kless::kubernetes
