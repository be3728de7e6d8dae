#include "functions/kubernetes/custom/definition_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/custom/json_path.h"
#include "functions/kubernetes/custom/structural_rules.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/names.h"
#include "functions/kubernetes/object.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxSelectableFields = 8;
constexpr const char* kApproval = "api-approved.kubernetes.io";

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

// Groups of the project need the word of its reviewers.
void CheckApproval(const json& definition, FieldErrors& errors) {
  const std::string group = StringAt(definition, {"spec", "group"});
  const bool is_protected = group == "k8s.io" || group.ends_with(".k8s.io") ||
                            group == "kubernetes.io" || group.ends_with(".kubernetes.io");
  if (!is_protected || !StringAt(definition, {"metadata", "annotations", kApproval}).empty())
    return;
  errors.push_back(Required(std::string("metadata.annotations[") + kApproval + "]",
                            std::string("protected groups must have approval annotation \"") +
                                kApproval +
                                "\", see https://github.com/kubernetes/enhancements/pull/1111"));
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

void CheckScalePath(const json& scale, const char* member, const char* root, bool required,
                    const std::string& field, FieldErrors& errors) {
  const std::string text = StringAt(scale, member);
  if (text.empty()) {
    if (required) errors.push_back(Required(field + "." + member, ""));
    return;
  }
  const auto path = JsonPath::Parse(text);
  if (!path || !path->Members()) {
    errors.push_back(
        Invalid(field + "." + member, text, "should be a simple json path without arrays"));
  } else if (!text.starts_with(std::string(root) + ".")) {
    errors.push_back(
        Invalid(field + "." + member, text, std::string("should be a json path under ") + root));
  }
}

void CheckSubresources(const json& version, const std::string& field, FieldErrors& errors) {
  const json* scale = Find(version, {"subresources", "scale"});
  if (scale == nullptr) return;
  const std::string at = field + ".subresources.scale";
  CheckScalePath(*scale, "specReplicasPath", ".spec", true, at, errors);
  CheckScalePath(*scale, "statusReplicasPath", ".status", true, at, errors);
  const std::string selector = StringAt(*scale, "labelSelectorPath");
  CheckScalePath(*scale, "labelSelectorPath", selector.starts_with(".spec") ? ".spec" : ".status",
                 false, at, errors);
}

void CheckColumns(const json& version, const std::string& field, FieldErrors& errors) {
  const json* columns = Find(version, "additionalPrinterColumns");
  for (std::size_t i = 0; i < SizeOf(columns); ++i) {
    const json& column = (*columns)[i];
    const std::string at = field + ".additionalPrinterColumns[" + std::to_string(i) + "]";
    if (StringAt(column, "name").empty()) errors.push_back(Required(at + ".name", ""));
    const std::string type = StringAt(column, "type");
    const std::vector<std::string> types = {"boolean", "date", "integer", "number", "string"};
    if (type.empty()) {
      errors.push_back(Required(at + ".type", "must be one of boolean,date,integer,number,string"));
    } else if (std::find(types.begin(), types.end(), type) == types.end()) {
      errors.push_back(
          Invalid(at + ".type", type, "must be one of boolean,date,integer,number,string"));
    }
    const std::string path = StringAt(column, "jsonPath");
    if (path.empty()) {
      errors.push_back(Required(at + ".JSONPath", ""));
    } else if (!JsonPath::Parse(path)) {
      errors.push_back(Invalid(at + ".JSONPath", path, "is an invalid path: not understood"));
    }
  }
}

void CheckSelectableFields(const json& version, const std::string& field, FieldErrors& errors) {
  const json* fields = Find(version, "selectableFields");
  const std::string at = field + ".selectableFields";
  if (SizeOf(fields) > kMaxSelectableFields) {
    errors.push_back(TooMany(at, SizeOf(fields), kMaxSelectableFields));
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < SizeOf(fields); ++i) {
    const std::string path = StringAt((*fields)[i], "jsonPath");
    const std::string one = at + "[" + std::to_string(i) + "].jsonPath";
    const auto parsed = JsonPath::Parse(path);
    if (path.empty()) {
      errors.push_back(Required(one, ""));
    } else if (!parsed || !parsed->Members()) {
      errors.push_back(Invalid(one, path, "is an invalid path: not a simple path"));
    } else if (path.starts_with(".metadata.")) {
      errors.push_back(Invalid(one, path, "must not point to fields in metadata"));
    } else if (!seen.insert(path).second) {
      errors.push_back(Duplicate(one, path));
    }
  }
}

void CheckVersion(const json& version, const std::string& field, FieldErrors& errors) {
  const std::string name = StringAt(version, "name");
  for (const std::string& problem : Dns1035LabelProblems(name)) {
    errors.push_back(Invalid(field + ".name", name, problem));
  }
  if (!BoolAt(version, "deprecated") && Find(version, "deprecationWarning") != nullptr) {
    errors.push_back(Invalid(field + ".deprecationWarning", version["deprecationWarning"],
                             "can only be set for deprecated versions"));
  }
  const json* schema = Find(version, {"schema", "openAPIV3Schema"});
  if (schema == nullptr) {
    errors.push_back(Required(field + ".schema.openAPIV3Schema", "schemas are required"));
  } else {
    for (FieldError& error : ValidateStructure(*schema, field + ".schema.openAPIV3Schema")) {
      errors.push_back(std::move(error));
    }
  }
  CheckSubresources(version, field, errors);
  CheckColumns(version, field, errors);
  CheckSelectableFields(version, field, errors);
}

void CheckVersions(const json& spec, FieldErrors& errors) {
  const json* versions = Find(spec, "versions");
  std::set<std::string> names;
  std::size_t stored = 0;
  bool unique = true;
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    const json& version = (*versions)[i];
    stored += BoolAt(version, "storage") ? 1 : 0;
    unique &= names.insert(StringAt(version, "name")).second;
    CheckVersion(version, "spec.versions[" + std::to_string(i) + "]", errors);
  }
  const json shown = versions == nullptr ? json() : *versions;
  if (!unique) {
    errors.push_back(Invalid("spec.versions", shown, "must contain unique version names"));
  }
  if (stored != 1) {
    errors.push_back(
        Invalid("spec.versions", shown, "must have exactly one version marked as storage version"));
  }
}

void CheckConversion(const json& spec, FieldErrors& errors) {
  const std::string strategy = StringAt(spec, {"conversion", "strategy"});
  if (strategy == "None") return;
  if (strategy.empty()) {
    errors.push_back(Required("spec.conversion.strategy", ""));
    return;
  }
  // The API server knows webhooks, too.
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

FieldErrors ValidateDefinition(const json& definition) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(definition, "spec");
  const std::string name = StringAt(definition, {"metadata", "name"});
  if (name != StringAt(spec, {"names", "plural"}) + "." + StringAt(spec, "group")) {
    errors.push_back(Invalid("metadata.name", name, R"(must be spec.names.plural+"."+spec.group)"));
  }
  CheckApproval(definition, errors);
  CheckGroup(spec, errors);
  const std::string scope = StringAt(spec, "scope");
  if (scope.empty()) {
    errors.push_back(Required("spec.scope", ""));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    errors.push_back(NotSupported("spec.scope", scope, {"Cluster", "Namespaced"}));
  }
  CheckVersions(spec, errors);
  if (BoolAt(spec, "preserveUnknownFields")) {
    errors.push_back(Invalid("spec.preserveUnknownFields", true,
                             "cannot set to true, set x-kubernetes-preserve-unknown-fields to true "
                             "in spec.versions[*].schema instead"));
  }
  CheckNames(FindOrEmpty(spec, "names"), errors);
  CheckConversion(spec, errors);
  CheckStoredVersions(definition, errors);
  return errors;
}

FieldErrors ValidateDefinitionUpdate(const json& definition, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(definition, old);
  for (FieldError& error : ValidateDefinition(definition)) errors.push_back(std::move(error));
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
  return errors;
}

}  // namespace kless::kubernetes
