// Objects of any kind: metadata, updates, graceful deletion, and the text splices that serve stored
// documents without parsing them.  No I/O.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "functions/kubernetes/objects/kind.h"
#include "store/item/item.h"

namespace kless::kubernetes {

constexpr const char* kOrphanFinalizer = "orphan";
constexpr const char* kForegroundFinalizer = "foregroundDeletion";

// Why the API server could not decode the object into its Go type, or nullopt: "json: cannot
// unmarshal string into Go struct field JobSpec.spec.parallelism of type int32".  The door reports
// it with 400: `Job in version "v1" cannot be handled as a Job: <problem>`.
std::optional<std::string> DecodeProblem(const Kind& kind, const nlohmann::json& object);

// Validates metadata.name (a DNS subdomain; a DNS label for namespaces), with the API server's
// messages; GC25.
std::vector<FieldError> ValidateMetadata(const Kind& kind, const nlohmann::json& object);
// Validates labels, annotations and owner references; the other two functions include it.
void ValidateMetadataValues(const nlohmann::json& object, std::vector<FieldError>& errors);
// Validates the metadata of an update: the uid may not change, an object that is being deleted gets
// no new finalizers, and the values are checked again.  Every kind's validate_update includes it.
std::vector<FieldError> ValidateMetadataUpdate(const nlohmann::json& object,
                                               const nlohmann::json& old);

// Fills in metadata for a create: namespace, name from generateName, uid, creationTimestamp,
// generation; drops resourceVersion, managedFields, selfLink, deletionTimestamp.
void PrepareMetadataForCreate(const Kind& kind, nlohmann::json& object,
                              const std::string& namespace_name, const WriteContext& context);
// Keeps uid, creationTimestamp, deletionTimestamp, namespace, name, generateName of `old`;
// increments generation if the spec differs and the kind has one.  `main`: the main resource
// (status is kept from old), else the status subresource (spec is kept from old).
void PrepareForUpdate(const Kind& kind, nlohmann::json& object, const nlohmann::json& old,
                      bool main, const WriteContext& context);

// grace_seconds is from DeleteOptions; nullopt: the object's own. orphan and foreground set the
// finalizer that the garbage collector removes once the dependents are released or gone; with
// neither (background), both are removed.  Kind::deletion says which of them a kind has.
struct DeletionOptions {
  std::optional<std::int64_t> grace_seconds;
  bool orphan = false;
  bool foreground = false;
};
// The object with deletionTimestamp, grace and finalizers as a deletion sets them.  It is also the
// API server's reply when a pod is removed at once.
nlohmann::json MarkForDeletion(const Kind& kind, nlohmann::json object,
                               const DeletionOptions& options, std::int64_t unix_nanos);
// The effect of a deletion: the document to write, or nullopt to remove the object now.
std::optional<nlohmann::json> DeleteObject(const Kind& kind, nlohmann::json object,
                                           const DeletionOptions& options, std::int64_t unix_nanos);
// Whether an object can be removed: it has a deletionTimestamp and no finalizers (and, for pods, no
// grace to wait for).
bool ReadyToVanish(const Kind& kind, const nlohmann::json& object);

// The document as the API serves it: with metadata.resourceVersion = version, and with kind,
// apiVersion, name and namespace from the key, whatever a raw writer omitted.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name);
// The object of a DELETED watch event: the last image with the sequence number of the removal.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name,
                           std::uint64_t version);

// Status objects.
nlohmann::json StatusFailure(int code, std::string_view reason, std::string message,
                             nlohmann::json details);
// Formats "Job.batch "a" is invalid: <errors>"; repeated errors appear once.
std::string InvalidMessage(const Kind& kind, const std::string& name,
                           const std::vector<FieldError>& errors);
nlohmann::json InvalidStatus(const Kind& kind, const std::string& name,
                             const std::vector<FieldError>& errors);  // 422
nlohmann::json StatusSuccess(const Kind& kind, const std::string& name, const std::string& uid);

}  // namespace kless::kubernetes
