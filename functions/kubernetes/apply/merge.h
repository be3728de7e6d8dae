// The merging and pruning of server-side apply.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// Merges `applied` into `live`: members are merged, lists by their keys, atomic values are
// replaced.  Elements that only the live list has keep their places among those of the applied one.
nlohmann::json MergeApplied(const Schema* schema, const nlohmann::json& live,
                            const nlohmann::json& applied);

// Removes the members and elements in the set with everything below them; a container that becomes
// empty is removed, too.
void RemoveFields(const Schema* schema, const FieldSet& fields, nlohmann::json& object);

}  // namespace kless::kubernetes
