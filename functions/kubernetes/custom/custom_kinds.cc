#include "functions/kubernetes/custom/custom_kinds.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/custom_columns.h"
#include "functions/kubernetes/custom/scale_rules.h"
#include "functions/kubernetes/custom/schema/defaults.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/custom/schema/json_path.h"
#include "functions/kubernetes/custom/schema/list_types.h"
#include "functions/kubernetes/custom/schema/schema_graph.h"
#include "functions/kubernetes/custom/schema/schema_validation.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/scale.h"
#include "functions/kubernetes/types/field_validation.h"
#include "functions/kubernetes/values/finalizer_names.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The state that the kinds of one definition share.
struct Definition {
  struct Version {
    StructuralSchema::Ptr schema;
    std::unique_ptr<const SchemaGraph> graph;
  };

  std::string group;
  std::string storage_version;
  std::map<std::string, Version> versions;

  void Prune(const std::string& version, json& object) const {
    const auto found = versions.find(version);
    if (found != versions.end()) DropUnknownFields(&found->second.graph->root(), object);
  }
  void Default(const std::string& version, json& object) const {
    const auto found = versions.find(version);
    if (found != versions.end()) ApplySchemaDefaults(*found->second.schema, object);
  }
  // The version that an object claims; the storage version if the claim is invalid.
  std::string VersionOf(const json& object) const {
    const std::string api_version = StringAt(object, "apiVersion");
    const std::size_t slash = api_version.find('/');
    if (slash == std::string::npos || api_version.substr(0, slash) != group) return storage_version;
    const std::string version = api_version.substr(slash + 1);
    return versions.contains(version) ? version : storage_version;
  }
  void Convert(const std::string& version, json& object) const {
    object["apiVersion"] = group + "/" + version;
    Prune(version, object);
  }
};
using DefinitionPtr = std::shared_ptr<const Definition>;

// "example.com" -> "com.example".
std::string Reversed(const std::string& group) {
  std::string reversed;
  for (const std::string_view part : Split(group, '.')) {
    reversed.insert(0, std::string(part) + (reversed.empty() ? "" : "."));
  }
  return reversed;
}

DefinitionPtr ReadDefinition(const json& definition) {
  auto read = std::make_shared<Definition>();
  const json& spec = FindOrEmpty(definition, "spec");
  read->group = StringAt(spec, "group");
  const json* versions = Find(spec, "versions");
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    const json& version = (*versions)[i];
    const std::string name = StringAt(version, "name");
    if (BoolAt(version, "storage")) read->storage_version = name;
    Definition::Version& entry = read->versions[name];
    entry.schema = ReadStructuralSchema(FindOrEmpty(version, {"schema", "openAPIV3Schema"}));
    entry.graph = std::make_unique<const SchemaGraph>(
        *entry.schema,
        Reversed(read->group) + "." + name + "." + StringAt(spec, {"names", "kind"}));
  }
  return read;
}

// The version's schema as OpenAPI publishes it.
json OpenApiOf(const json& version) {
  json schema = FindOrEmpty(version, {"schema", "openAPIV3Schema"});
  json& properties = schema["properties"];
  if (!properties.is_object()) properties = json::object();
  properties["apiVersion"] = {{"type", "string"},
                              {"description", "The version of the schema of this object."}};
  properties["kind"] = {{"type", "string"}, {"description", "What this object is."}};
  properties["metadata"] = {
      {"allOf", json::array({{{"$ref",
                               "#/components/schemas/"
                               "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}})},
      {"description", "Standard metadata of objects."}};
  return schema;
}

std::vector<std::string> Texts(const json* values) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < SizeOf(values); ++i) {
    if ((*values)[i].is_string()) texts.push_back((*values)[i]);
  }
  return texts;
}

// Sets the names: kind and plural as specified, the others as accepted if there are accepted names.
void SetNames(const json& definition, Kind& kind) {
  const json& spec_names = FindOrEmpty(definition, {"spec", "names"});
  const json& accepted = FindOrEmpty(definition, {"status", "acceptedNames"});
  const json& names = StringAt(accepted, "kind").empty() ? spec_names : accepted;
  kind.kind = StringAt(spec_names, "kind");
  kind.plural = StringAt(spec_names, "plural");
  kind.singular = StringAt(names, "singular");
  kind.list_kind = StringAt(names, "listKind");
  kind.short_names = Texts(Find(names, "shortNames"));
  kind.categories = Texts(Find(names, "categories"));
}

void SetScale(const json& scale, Kind& kind) {
  const auto members = [&](const char* key) {
    const auto path = JsonPath::Parse(StringAt(scale, key));
    const auto found = path ? path->Members() : std::nullopt;
    return found.value_or(std::vector<std::string>());
  };
  kind.subresources.push_back(ScaleSubresource());
  kind.scale.replicas = members("specReplicasPath");
  kind.scale.current = members("statusReplicasPath");
  kind.scale.selector = members("labelSelectorPath");
}

void SetSelectableFields(const json& version, Kind& kind) {
  std::map<std::string, JsonPath> paths;
  const json* fields = Find(version, "selectableFields");
  for (std::size_t i = 0; i < SizeOf(fields); ++i) {
    const std::string text = StringAt((*fields)[i], "jsonPath");
    const auto path = JsonPath::Parse(text);
    if (!path || !text.starts_with('.')) continue;
    kind.selectable_fields.push_back(text.substr(1));
    paths.emplace(text.substr(1), *path);
  }
  kind.field_value = [paths = std::move(paths)](const json& object, const std::string& field) {
    const auto path = paths.find(field);
    const json* value = path == paths.end() ? nullptr : path->second.Find(object);
    if (value == nullptr) return std::string();
    return value->is_string() ? value->get<std::string>() : DumpJson(*value);
  };
}

void AppendKind(FieldErrors more, FieldErrors& errors) {
  errors.insert(errors.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

// A null `old` means a create.
FieldErrors Problems(const StructuralSchema& schema, const json& object, const json* old) {
  FieldErrors errors = ValidateSchema(schema, object, "", old);
  AppendKind(ValidateEmbedded(schema, object, ""), errors);
  return errors;
}

// An object that is too large for its defaults has only some of them: it is not validated further.
std::optional<FieldErrors> SizeProblem(const json& object) {
  if (JsonBytes(object) <= kObjectBytesMax) return std::nullopt;
  return FieldErrors{TooLong("<nil>", kObjectBytesMax)};
}

using KindPaths = std::shared_ptr<const ScalePaths>;

FieldErrors UpdateProblems(const StructuralSchema& schema, const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  AppendKind(Problems(schema, object, &old), errors);
  // Lists that were already invalid may stay so.
  FieldErrors found = ValidateListTypes(schema, object, "");
  if (!found.empty() && ValidateListTypes(schema, old, "").empty()) {
    AppendKind(std::move(found), errors);
  }
  return errors;
}

void SetSchemaRules(const StructuralSchema::Ptr& schema, Kind& kind) {
  const KindPaths scale =
      kind.subresources.empty() ? nullptr : std::make_shared<const ScalePaths>(kind.scale);
  kind.validate = [schema, scale](const json& object) {
    if (auto problem = SizeProblem(object)) return std::move(*problem);
    FieldErrors errors = Problems(*schema, object, nullptr);
    if (scale != nullptr) AppendKind(ValidateScaleSpec(*scale, object), errors);
    if (scale != nullptr) AppendKind(ValidateScaleStatus(*scale, object), errors);
    AppendKind(ValidateListTypes(*schema, object, ""), errors);
    return errors;
  };
  kind.validate_update = [schema, scale](const json& object, const json& old) {
    if (auto problem = SizeProblem(object)) return std::move(*problem);
    FieldErrors errors = UpdateProblems(*schema, object, old);
    if (scale != nullptr) AppendKind(ValidateScaleSpec(*scale, object), errors);
    if (scale != nullptr) AppendKind(ValidateScaleStatus(*scale, object), errors);
    return errors;
  };
  kind.validate_status_update = [schema, scale](const json& object, const json& old) {
    if (auto problem = SizeProblem(object)) return std::move(*problem);
    FieldErrors errors = UpdateProblems(*schema, object, old);
    if (scale != nullptr) AppendKind(ValidateScaleStatus(*scale, object), errors);
    return errors;
  };
}

void WarnOfFinalizers(const json& object, const json& old, const WriteContext& context) {
  if (context.warnings == nullptr) return;
  for (std::string& warning : FinalizerWarnings(object, old)) {
    context.warnings->push_back(std::move(warning));
  }
}

std::string Deprecation(const json& version, const Kind& kind) {
  if (!BoolAt(version, "deprecated")) return "";
  const std::string warning = StringAt(version, "deprecationWarning");
  return warning.empty() ? kind.ApiVersion() + " " + kind.kind + " is deprecated" : warning;
}

KindPtr KindOf(const DefinitionPtr& shared, const json& definition, const json& version) {
  auto made = std::make_shared<Kind>();
  Kind& kind = *made;
  const json& spec = FindOrEmpty(definition, "spec");
  const std::string name = StringAt(version, "name");
  const Definition::Version& types = shared->versions.at(name);
  kind.custom = true;
  kind.group = shared->group;
  kind.version = name;
  SetNames(definition, kind);
  // In the order in which the API server lists them.
  kind.verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
  kind.type = kind.plural + "." + kind.group;
  kind.namespaced = StringAt(spec, "scope") != "Cluster";
  kind.has_generation = true;
  kind.unconditional_update = false;
  kind.qualified_finalizers = false;
  kind.has_status = Find(version, {"subresources", "status"}) != nullptr;
  if (const json* scale = Find(version, {"subresources", "scale"})) SetScale(*scale, kind);
  kind.holds = shared;
  kind.schema = &types.graph->root();
  kind.apply_defaults = [shared, name](json& object) { shared->Default(name, object); };
  kind.prepare_create = [has_status = kind.has_status](json& object, const WriteContext& context) {
    if (has_status) Erase(object, "status");
    WarnOfFinalizers(object, json(), context);
  };
  kind.prepare_update = [](json& object, const json& old, const WriteContext& context) {
    WarnOfFinalizers(object, old, context);
  };
  SetSchemaRules(types.schema, kind);
  SetSelectableFields(version, kind);
  kind.from_stored = [shared, name](json& object) {
    SettleNumbers(object);
    const std::string stored = shared->VersionOf(object);
    shared->Prune(stored, object);
    shared->Default(stored, object);
    if (stored != name) shared->Convert(name, object);
  };
  kind.to_stored = [shared, name](json& object) {
    if (shared->storage_version != name) shared->Convert(shared->storage_version, object);
  };
  kind.columns = std::make_shared<const std::vector<Column>>(CustomColumns(version));
  kind.open_api = std::make_shared<const json>(OpenApiOf(version));
  kind.deprecation = Deprecation(version, kind);
  return made;
}

// Parses v1, v1beta2, v2alpha1 as (kind of release, major, minor); nullopt for another name.
std::optional<std::tuple<int, std::uint64_t, std::uint64_t>> ParseVersion(std::string_view text) {
  if (!text.starts_with('v')) return std::nullopt;
  text.remove_prefix(1);
  for (const auto& [word, rank] : {std::pair<std::string_view, int>("alpha", 0), {"beta", 1}}) {
    const std::size_t at = text.find(word);
    if (at == std::string_view::npos) continue;
    const auto major = ParseUnsigned(text.substr(0, at));
    const auto minor = ParseUnsigned(text.substr(at + word.size()));
    if (!major || !minor) return std::nullopt;
    return std::tuple(rank, *major, *minor);
  }
  const auto major = ParseUnsigned(text);
  if (!major) return std::nullopt;
  return std::tuple(2, *major, std::uint64_t{0});
}

}  // namespace

bool VersionBefore(std::string_view a, std::string_view b) {
  const auto left = ParseVersion(a);
  const auto right = ParseVersion(b);
  if (left && right) return *left > *right;
  if (left || right) return left.has_value();
  return a < b;
}

std::vector<KindPtr> KindsOfDefinition(const json& definition) {
  const DefinitionPtr shared = ReadDefinition(definition);
  std::vector<KindPtr> kinds;
  const json* versions = Find(definition, {"spec", "versions"});
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    const json& version = (*versions)[i];
    if (BoolAt(version, "served")) kinds.push_back(KindOf(shared, definition, version));
  }
  std::sort(kinds.begin(), kinds.end(), [](const KindPtr& a, const KindPtr& b) {
    return VersionBefore(a->version, b->version);
  });
  return kinds;
}

}  // namespace kless::kubernetes
