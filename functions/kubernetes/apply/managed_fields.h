// metadata.managedFields: which writer owns which fields of an object.
//
// Of an object that was never tracked (a raw item), what it has when somebody first applies to it
// belongs to "before-first-apply".
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

struct FieldWriter {
  std::string manager;      // ?fieldManager=, or of the User-Agent what stands before the '/'
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

  // Whether both are the same writer: one that applies may change its version.
  bool IsSameManager(const ManagedFieldsEntry& other) const;
};

// Of an object; what is no entry is left out.
std::vector<ManagedFieldsEntry> DecodeManagedFields(const nlohmann::json& object);
// Without entries that own nothing; appliers first, then in the order of their times.
nlohmann::json EncodeManagedFields(std::vector<ManagedFieldsEntry> entries);
// Sets or (if empty) drops metadata.managedFields.
void SetManagedFields(nlohmann::json& object, nlohmann::json managed_fields);

// Takes out what nobody owns: names, uids, versions and the like, and what a write of the object
// (of its status) does not write.
void DropUnowned(const Kind& kind, const std::string& subresource, FieldSet& fields);

// Of a create. `object`: as it was decoded, with defaults, before the server fills it in.
nlohmann::json ManagedFieldsOfCreate(const Kind& kind, const nlohmann::json& object,
                                     const FieldWriter& writer);
// Of a replace or patch: `old` as stored, with defaults; `object` as decoded, with defaults.  What
// it has in managedFields itself counts, if that can be read.
nlohmann::json ManagedFieldsOfUpdate(const Kind& kind, const nlohmann::json& object,
                                     const nlohmann::json& old, const FieldWriter& writer);

}  // namespace kless::kubernetes
