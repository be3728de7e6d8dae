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
#include "functions/kubernetes/kind.h"
#include "store/item.h"

namespace kless::kubernetes {

constexpr const char* kOrphanFinalizer = "orphan";
constexpr const char* kForegroundFinalizer = "foregroundDeletion";

// Why the API server could not decode the object into its Go type, or nullopt: "json: cannot
// unmarshal string into Go struct field JobSpec.spec.parallelism of type int32".  Of a request it
// says so with 400: `Job in version "v1" cannot be handled as a Job: <problem>`.
std::optional<std::string> DecodeProblem(const Kind& kind, const nlohmann::json& object);

// metadata.name rules: DNS subdomain (DNS label for namespaces): the API server's sentences; GC25.
std::vector<FieldError> ValidateMetadata(const Kind& kind, const nlohmann::json& object);
// Labels, annotations and owner references: a part of the two others.
void ValidateMetadataValues(const nlohmann::json& object, std::vector<FieldError>& errors);
// What an update may not change: uid, and no new finalizers on an object that is being deleted; and
// the values, which the API server looks at again.  Every kind's validate_update includes it.
std::vector<FieldError> ValidateMetadataUpdate(const nlohmann::json& object,
                                               const nlohmann::json& old);

// Fills metadata for a create: namespace, name from generateName, uid, creationTimestamp,
// generation; drops resourceVersion, managedFields, selfLink, deletionTimestamp.
void PrepareMetadataForCreate(const Kind& kind, nlohmann::json& object,
                              const std::string& namespace_name, const WriteContext& context);
// Keeps uid, creationTimestamp, deletionTimestamp, namespace, name, generateName of `old`; bumps
// generation if the spec differs and the kind keeps one.  main: the main resource (status is kept
// from old), else the status subresource (spec is kept from old).
void PrepareForUpdate(const Kind& kind, nlohmann::json& object, const nlohmann::json& old,
                      bool main, const WriteContext& context);

// grace_seconds: from DeleteOptions; nullopt: the object's own.  orphan, foreground: the finalizer
// that the garbage collector takes away when the dependents are free or gone; neither: background,
// which takes both away.  Namespaces know no foreground; events know neither.
struct DeletionOptions {
  std::optional<std::int64_t> grace_seconds;
  bool orphan = false;
  bool foreground = false;
};
// The object with deletionTimestamp, grace and finalizers as a deletion sets them.  Of a pod that
// goes at once it is what the API server answers with.
nlohmann::json MarkForDeletion(const Kind& kind, nlohmann::json object,
                               const DeletionOptions& options, std::int64_t unix_nanos);
// What a deletion does to an object: the document to write, or nullopt to remove it now.
std::optional<nlohmann::json> DeleteObject(const Kind& kind, nlohmann::json object,
                                           const DeletionOptions& options, std::int64_t unix_nanos);
// An object with deletionTimestamp and no finalizers left (and, for pods, no grace to wait for)
// goes.
bool ReadyToVanish(const Kind& kind, const nlohmann::json& object);

// The document as the API serves it: with metadata.resourceVersion = version, and kind, apiVersion,
// name and namespace as the key has them, whatever a raw writer left out.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name);
// A DELETED watch event's object: the last image with the sequence number of the removal.
std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name,
                           std::uint64_t version);

// Status objects.
nlohmann::json StatusFailure(int code, std::string_view reason, std::string message,
                             nlohmann::json details);
// "Job.batch "a" is invalid: <errors>"; an error that occurs twice is said once.
std::string InvalidMessage(const Kind& kind, const std::string& name,
                           const std::vector<FieldError>& errors);
nlohmann::json InvalidStatus(const Kind& kind, const std::string& name,
                             const std::vector<FieldError>& errors);  // 422
nlohmann::json StatusSuccess(const Kind& kind, const std::string& name, const std::string& uid);

}  // namespace kless::kubernetes
