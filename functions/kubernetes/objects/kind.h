// Kinds are data: each Kubernetes kind is described once, without I/O.  Doors, controllers and the
// command line use the same description and name no kind; a new kind is one file and one line in
// kinds/kinds.h (CONTRIBUTING.md, "How to add a kind").
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

// The stored objects, as a write sees them.
class StoredObjects {
 public:
  virtual ~StoredObjects() = default;
  // The object of a type by its resource name ("node-1", "default/a"); null if there is none or it
  // cannot be read.
  virtual std::shared_ptr<const nlohmann::json> Find(const std::string& type,
                                                     const std::string& resource_name) = 0;
  // The resource names of the objects of a type that hold a value (Kind::held_values), in order of
  // name; none if they cannot be read.
  virtual std::vector<std::string> Holders(const std::string& type, const std::string& value) = 0;
};

// The inputs of a create or update, which has no clock or random stream of its own.
struct WriteContext {
  std::int64_t unix_nanos = 0;
  Random* random = nullptr;
  std::vector<std::string>* warnings = nullptr;  // texts of Warning headers
  StoredObjects* stored = nullptr;               // null: there are none
};

struct Column;
struct Schema;

// A subresource other than "status", such as "binding" of pods.
struct Subresource {
  std::string name;
  std::string kind;            // of its request and response bodies
  std::string group, version;  // of that kind, if they differ from the resource's
  std::vector<std::string> verbs;
  // For a subresource that updates a part of the object: returns `old` with that part of `body`.
  // The result is validated by Kind::validate alone.
  nlohmann::json (*with_part)(const nlohmann::json& old, const nlohmann::json& body) = nullptr;
  // Whether the part is all that changes: no managed fields, no generation, no prepare_update.
  bool part_only = false;
};

// What deletions of a kind may do.
struct DeletionPolicy {
  std::vector<std::string> protected_names;  // these objects may not be deleted
  bool graceful = false;                     // only pods: the object stays for a grace period
  bool garbage_collected = true;             // whether a deletion may request orphan or foreground
  bool foreground = true;                    // whether that includes foreground
  bool orphans_by_default = false;  // without a policy, dependents stay, and the reply warns of it
  bool spec_finalizers = false;     // spec.finalizers hold the object, too
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
  bool custom = false;             // made at run time: see custom/custom_kinds.h
  // Whether a replace may omit the version that it replaces.
  bool unconditional_update = true;
  bool label_name = false;           // whether metadata.name is a DNS label, not a subdomain
  bool qualified_finalizers = true;  // finalizers are standard ones, or have a domain: "a.com/x"
  // The form of FieldLabelProblem, which differs among the kinds that have selectable fields.
  bool names_kind_in_field_problem = false;
  DeletionPolicy deletion;
  const Schema* schema = nullptr;  // Go types of its fields, for DecodeProblem

  // Fills defaults into a decoded object; idempotent.  None of these functions throws, whatever the
  // object looks like; their results are meaningful for objects without a DecodeProblem.
  std::function<void(nlohmann::json&)> apply_defaults;
  // Admission of a create, called when metadata (uid, creationTimestamp, generation, name) is
  // filled in: may change the object.  Returns why the object is forbidden, or nullopt.
  std::function<std::optional<std::string>(nlohmann::json&, const WriteContext&)> admit;
  // Called after `admit` and before the validation of a create: sets server-owned fields, clears
  // the status, generates selectors.
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
  // Called when the first deletion has set metadata.deletionTimestamp; empty: the grace period is
  // noted and the generation raised.
  std::function<void(nlohmann::json&, std::int64_t unix_nanos)> mark_deleted;
  // Values that no other object of the kind may hold, such as the address of a Service; the words
  // are the kind's own ("clusterIP 10.96.0.1").  See StoredObjects::Holders.
  std::function<std::vector<std::string>(const nlohmann::json&)> held_values;
  // Selectable fields in addition to metadata.name and metadata.namespace.
  std::vector<std::string> selectable_fields;
  // The value of a selectable field ("" if absent).
  std::function<std::string(const nlohmann::json&, const std::string& field)> field_value;

  // For custom kinds and views: these convert an object between the stored version and this one.
  std::function<void(nlohmann::json&)> from_stored, to_stored;
  // The columns of `kubectl get` (columns/columns.h); null: those of the built-in lists.
  std::shared_ptr<const std::vector<Column>> columns;
  // For custom kinds only.
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

// The subresource of a kind; null if it has none of this name.
const Subresource* FindSubresource(const Kind& kind, std::string_view name);

// The scale subresource of kinds that have one.
Subresource ScaleSubresource();

// "namespace/name" for a namespaced kind, "name" otherwise.
std::string ResourceName(const Kind& kind, std::string_view namespace_name, std::string_view name);

}  // namespace kless::kubernetes
