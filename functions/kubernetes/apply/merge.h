// The merge and the pruning of server-side apply.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

// `live` with what `applied` says: members are merged, lists by their keys, what is atomic is
// replaced.  Elements that only the live list has keep their places among those of the applied one.
nlohmann::json MergeApplied(const Schema* schema, const nlohmann::json& live,
                            const nlohmann::json& applied);

// Takes the members and elements of the set out, with all that is below them; a container that
// becomes empty goes, too.
void RemoveFields(const Schema* schema, const FieldSet& fields, nlohmann::json& object);

}  // namespace kless::kubernetes
