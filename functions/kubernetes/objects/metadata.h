// Metadata of objects: filling it in at creation, keeping it in updates, and validating it.  No
// I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

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

}  // namespace kless::kubernetes
