// Kinds are data: each Kubernetes kind is described once, without I/O.  Doors, controllers and the
// command line read the same description; a new kind is one entry of the registry.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/random.h"
#include "store/resource_fields.h"

namespace kless::kubernetes {

// One violation, as the API server reports it in Status.details.causes.
struct FieldError {
  std::string field;    // "spec.template.spec.restartPolicy"
  std::string reason;   // "FieldValueRequired", "FieldValueInvalid", "FieldValueNotSupported", ...
  std::string message;  // "Required value: ..."
};

// An object by its name; null: there is none.
using FindObject = std::function<std::shared_ptr<const nlohmann::json>(const std::string&)>;

// What a create or update may draw on: no clock or random stream of its own.
struct WriteContext {
  std::int64_t unix_nanos = 0;
  Random* random = nullptr;
  std::vector<std::string>* warnings = nullptr;  // texts of Warning headers
  // What the admission of a pod looks up (pod_admission.h); null: there is nothing.
  const FindObject* find_priority_class = nullptr;
  const FindObject* find_node = nullptr;
  // Whether a stored Service holds this text; null: none does.
  const std::function<bool(const std::string&)>* held_by_service = nullptr;
  std::optional<std::string>* forbidden = nullptr;  // why admission refuses the object, if it does
};

struct Column;
struct Schema;

// A path below an object that is not "status": "binding" of pods.
struct Subresource {
  std::string name;
  std::string kind;            // of its bodies
  std::string group, version;  // of that kind, where they are not the resource's
  std::vector<std::string> verbs;
};

// Of the subresource "scale": where an object has what it shows and sets, from the root.
struct ScalePaths {
  std::vector<std::string> replicas = {"spec", "replicas"};
  std::vector<std::string> current = {"status", "replicas"};
  std::vector<std::string> selector = {"spec", "selector"};  // a LabelSelector, or its text
};

struct Kind {
  std::string group;    // "" is the core group
  std::string version;  // "v1"
  std::string kind;     // "Job"
  std::string plural;   // "jobs"
  std::string singular;
  std::string list_kind;  // of a custom kind; "": the kind with List behind it
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<std::string> verbs;
  std::string type;  // resource-type in the table: "job"
  bool namespaced = true;
  bool has_status = false;  // a status subresource
  std::vector<Subresource> subresources;
  ScalePaths scale;                // where "scale" is among them
  bool has_generation = false;     // metadata.generation is kept
  bool annotations_count = false;  // a change of metadata.annotations raises the generation, too
  bool create_on_update = false;   // a replace of what is not there creates it
  bool graceful_delete = false;    // pods
  bool garbage_collected = true;   // a deletion may ask for orphan or foreground
  bool custom = false;             // made at run time: see custom/custom_kinds.h
  // A replace may leave out the version that it replaces.
  bool unconditional_update = true;
  const Schema* schema = nullptr;  // Go types of its fields, for DecodeProblem

  // Fills defaults into a decoded object; idempotent.  None of these functions throws, whatever the
  // object looks like; what they say is meant for objects without a DecodeProblem.
  std::function<void(nlohmann::json&)> apply_defaults;
  // Before validation of a create: server-owned fields, status wiped, generated selectors. metadata
  // (uid, creationTimestamp, generation, name) is already filled.
  std::function<void(nlohmann::json&, const WriteContext&)> prepare_create;
  // Before validation of an update of the main resource: carries server-owned parts over from
  // `old`. PrepareForUpdate calls it.
  std::function<void(nlohmann::json&, const nlohmann::json& old, const WriteContext&)>
      prepare_update;
  // Of a create, beside ValidateMetadata.
  std::function<std::vector<FieldError>(const nlohmann::json&)> validate;
  // Of an update of the main resource: everything beside ValidateMetadata, `validate` included.
  std::function<std::vector<FieldError>(const nlohmann::json&, const nlohmann::json& old)>
      validate_update;
  // Of an update of the status subresource, beside ValidateMetadata; empty: ValidateMetadataUpdate.
  std::function<std::vector<FieldError>(const nlohmann::json&, const nlohmann::json& old)>
      validate_status_update;
  // Selectable fields beside metadata.name and metadata.namespace; nullopt: not a known selector.
  std::vector<std::string> selectable_fields;
  // The value of a selectable field ("" if absent).
  std::function<std::string(const nlohmann::json&, const std::string& field)> field_value;

  // Of custom kinds only.
  // What the table holds, perhaps in another version, becomes an object of this version, and back.
  std::function<void(nlohmann::json&)> from_stored, to_stored;
  std::shared_ptr<const std::vector<Column>> columns;
  std::shared_ptr<const nlohmann::json> open_api;  // its schema in OpenAPI 3.0
  std::string deprecation;                         // what to warn of at each request; "": nothing
  std::shared_ptr<const void> holds;               // what `schema` lives in

  std::string ListKind() const { return list_kind.empty() ? kind + "List" : list_kind; }
  std::string ApiVersion() const { return group.empty() ? version : group + "/" + version; }
  // "jobs.batch", "pods": how messages name the resource.
  std::string QualifiedResource() const { return group.empty() ? plural : plural + "." + group; }
  // "Job.batch", "Pod": how validation messages name the kind.
  std::string QualifiedKind() const { return group.empty() ? kind : kind + "." + group; }
};

// In the order of discovery.
const std::vector<Kind>& Kinds();
// Kinds whose objects are never stored: only POST, answered with what the server makes of them.
const std::vector<Kind>& VirtualKinds();
// A kind that outlives whoever uses it, or shares in a custom kind, which may be replaced any time.
using KindPtr = std::shared_ptr<const Kind>;
// Of a kind that lives as long as the process.
KindPtr Lasting(const Kind* kind);
const Kind* FindKindByPlural(std::string_view group, std::string_view version,
                             std::string_view plural);
const Kind* FindKindByType(std::string_view type);
const Kind* FindKind(std::string_view api_version, std::string_view kind);

// The API server's sentence if a kind has no such selectable field; nullopt: it has.
std::optional<std::string> FieldLabelProblem(const Kind& kind, const std::string& field);

// The subresource of kinds that can be scaled.
Subresource ScaleSubresource();

// "namespace/name" of a namespaced kind, "name" otherwise.
std::string ResourceName(const Kind& kind, std::string_view namespace_name, std::string_view name);

}  // namespace kless::kubernetes
