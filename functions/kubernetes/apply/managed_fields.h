// metadata.managedFields: which writer owns which fields of an object.
//
// If an object was never tracked (a raw item), the fields that it has at the first apply belong to
// "before-first-apply".
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

struct FieldWriter {
  std::string manager;      // ?fieldManager=, or the part of the User-Agent before the '/'
  std::string subresource;  // "status", ...; "" for the object itself
  std::int64_t unix_nanos = 0;
};

struct ManagedFieldsEntry {
  std::string manager;
  std::string operation;  // "Apply" or "Update"
  std::string api_version;
  std::string subresource;
  std::string time;  // RFC 3339; "": none
  FieldSet fields;

  // Whether both are the same writer; the version that a writer applies with may change.
  bool IsSameManager(const ManagedFieldsEntry& other) const;
};

// Reads the entries of an object; invalid ones are skipped.
std::vector<ManagedFieldsEntry> DecodeManagedFields(const nlohmann::json& object);
// Omits entries that own nothing; appliers come first, then entries in order of time.
nlohmann::json EncodeManagedFields(std::vector<ManagedFieldsEntry> entries);
// Sets metadata.managedFields, or removes it if empty.
void SetManagedFields(nlohmann::json& object, nlohmann::json managed_fields);

// Removes fields that have no owner: names, uids, versions and the like, and those that a write of
// the object (or of its status) does not change.
void DropUnowned(const Kind& kind, const std::string& subresource, FieldSet& fields);

// For a create.  `object` is as decoded, with defaults, before the server fills in its fields.
nlohmann::json ManagedFieldsOfCreate(const Kind& kind, const nlohmann::json& object,
                                     const FieldWriter& writer);
// For a replace or patch: `old` is as stored, with defaults, and `object` as decoded, with
// defaults.  The managedFields in `object` take precedence if they are valid.
nlohmann::json ManagedFieldsOfUpdate(const Kind& kind, const nlohmann::json& object,
                                     const nlohmann::json& old, const FieldWriter& writer);

}  // namespace kless::kubernetes
