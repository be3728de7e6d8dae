// Kinds are data: each Kubernetes kind is described once, without I/O.  Doors, controllers and the
// command line use the same description; a new kind is one entry in the registry.
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
#include "functions/kubernetes/values/field_error.h"
#include "store/item/resource_fields.h"

namespace kless::kubernetes {

// Finds an object by its name; null if there is none.
using FindObject = std::function<std::shared_ptr<const nlohmann::json>(const std::string&)>;

// The inputs of a create or update, which has no clock or random stream of its own.
struct WriteContext {
  std::int64_t unix_nanos = 0;
  Random* random = nullptr;
  std::vector<std::string>* warnings = nullptr;  // texts of Warning headers
  // Lookups for the admission of a pod (pod_admission.h); null finds nothing.
  const FindObject* find_priority_class = nullptr;
  const FindObject* find_node = nullptr;
  // Whether a stored Service contains this text; null: none does.
  const std::function<bool(const std::string&)>* held_by_service = nullptr;
  std::optional<std::string>* forbidden = nullptr;  // why admission refuses the object, if so
};

struct Column;
struct Schema;

// A subresource other than "status", such as "binding" of pods.
struct Subresource {
  std::string name;
  std::string kind;            // of its request and response bodies
  std::string group, version;  // of that kind, if they differ from the resource's
  std::vector<std::string> verbs;
};

// For the subresource "scale": the paths of the fields that it shows and sets, from the root.
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
  std::string list_kind;  // of a custom kind; "": the kind followed by List
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<std::string> verbs;
  std::string type;  // resource-type in the table: "job"
  bool namespaced = true;
  bool has_status = false;  // whether there is a status subresource
  std::vector<Subresource> subresources;
  ScalePaths scale;                // where "scale" is among them
  bool has_generation = false;     // metadata.generation is kept
  bool annotations_count = false;  // a change of metadata.annotations raises the generation, too
  bool create_on_update = false;   // a replace of a missing object creates it
  bool graceful_delete = false;    // only pods
  bool garbage_collected = true;   // whether a deletion may request orphan or foreground
  bool custom = false;             // made at run time: see custom/custom_kinds.h
  // Whether a replace may omit the version that it replaces.
  bool unconditional_update = true;
  const Schema* schema = nullptr;  // Go types of its fields, for DecodeProblem

  // Fills defaults into a decoded object; idempotent.  None of these functions throws, whatever the
  // object looks like; their results are meaningful for objects without a DecodeProblem.
  std::function<void(nlohmann::json&)> apply_defaults;
  // Called before the validation of a create: sets server-owned fields, clears the status,
  // generates selectors. metadata (uid, creationTimestamp, generation, name) is already filled in.
  std::function<void(nlohmann::json&, const WriteContext&)> prepare_create;
  // Called by PrepareForUpdate before the validation of an update of the main resource: keeps the
  // server-owned parts of `old`.
  std::function<void(nlohmann::json&, const nlohmann::json& old, const WriteContext&)>
      prepare_update;
  // Validates a create, in addition to ValidateMetadata.
  std::function<std::vector<FieldError>(const nlohmann::json&)> validate;
  // Validates an update of the main resource, including `validate`, in addition to
  // ValidateMetadata.
  std::function<std::vector<FieldError>(const nlohmann::json&, const nlohmann::json& old)>
      validate_update;
  // Validates an update of the status subresource, in addition to ValidateMetadata; empty:
  // ValidateMetadataUpdate.
  std::function<std::vector<FieldError>(const nlohmann::json&, const nlohmann::json& old)>
      validate_status_update;
  // Called when a deletion has set metadata.deletionTimestamp; empty: the grace period is noted and
  // the generation raised.
  std::function<void(nlohmann::json&, std::int64_t unix_nanos)> mark_deleted;
  // Selectable fields in addition to metadata.name and metadata.namespace.
  std::vector<std::string> selectable_fields;
  // The value of a selectable field ("" if absent).
  std::function<std::string(const nlohmann::json&, const std::string& field)> field_value;

  // For custom kinds only: these convert an object between the stored version and this one.
  std::function<void(nlohmann::json&)> from_stored, to_stored;
  std::shared_ptr<const std::vector<Column>> columns;
  std::shared_ptr<const nlohmann::json> open_api;  // its schema in OpenAPI 3.0
  std::string deprecation;                         // what to warn of at each request; "": nothing
  std::shared_ptr<const void> holds;               // owns `schema`

  std::string ListKind() const { return list_kind.empty() ? kind + "List" : list_kind; }
  std::string ApiVersion() const { return group.empty() ? version : group + "/" + version; }
  // The name of the resource in messages: "jobs.batch", "pods".
  std::string QualifiedResource() const { return group.empty() ? plural : plural + "." + group; }
  // The name of the kind in validation messages: "Job.batch", "Pod".
  std::string QualifiedKind() const { return group.empty() ? kind : kind + "." + group; }
};

// A kind that lives as long as the pointer: a built-in one, or a share in a custom kind, which may
// be replaced at any time.
using KindPtr = std::shared_ptr<const Kind>;
// For a kind that lives as long as the process.
KindPtr Lasting(const Kind* kind);

// The API server's message if a kind does not have such a selectable field; nullopt if it has.
std::optional<std::string> FieldLabelProblem(const Kind& kind, const std::string& field);

// The scale subresource of kinds that have one.
Subresource ScaleSubresource();

// "namespace/name" for a namespaced kind, "name" otherwise.
std::string ResourceName(const Kind& kind, std::string_view namespace_name, std::string_view name);

}  // namespace kless::kubernetes
