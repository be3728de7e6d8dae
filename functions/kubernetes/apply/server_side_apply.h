// Server-side apply: an applied configuration, the live object and who owns what make the new
// object, or conflicts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/apply/managed_fields.h"
#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

// Why an apply is refused.
struct ApplyProblem {
  int code = 500;  // 409: conflicts; 400, 500: the configuration is none for this kind
  std::string message;
  std::vector<FieldError> conflicts;  // causes: the field, and with whom
};

// live: as it is served, with defaults; null: there is none, and the apply creates it.
// `object` becomes the new object, without managedFields and later defaults; `managed_fields` what
// it then has.
std::optional<ApplyProblem> ApplyConfiguration(const Kind& kind, const nlohmann::json* live,
                                               const nlohmann::json& configuration,
                                               const FieldWriter& writer, bool force,
                                               nlohmann::json* object,
                                               nlohmann::json* managed_fields);

}  // namespace kless::kubernetes
