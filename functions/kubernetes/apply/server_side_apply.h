// Server-side apply: computes the new object, or conflicts, from an applied configuration, the live
// object and the owners of its fields.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/apply/managed_fields.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// Why an apply is refused.
struct ApplyProblem {
  int code = 500;  // 409: conflicts; 400, 500: the configuration does not fit the kind
  std::string message;
  std::vector<FieldError> conflicts;  // causes: the field, and the manager it conflicts with
};

// `live` is the object as served, with defaults; if null, the apply creates it.  Sets `object` to
// the new object, without managedFields and later defaults, and `managed_fields` to its new
// managedFields.
std::optional<ApplyProblem> ApplyConfiguration(const Kind& kind, const nlohmann::json* live,
                                               const nlohmann::json& configuration,
                                               const FieldWriter& writer, bool force,
                                               nlohmann::json* object,
                                               nlohmann::json* managed_fields);

}  // namespace kless::kubernetes
