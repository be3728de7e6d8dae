// What the workload kinds are made of alike, as data and as defaults.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

// A namespaced kind of group and version with every verb; the type is the singular.
Kind NamespacedKind(const char* group, const char* version, const char* name, const char* plural,
                    const char* singular);
// One of apps/v1 with status, generation and the category "all".
Kind WorkloadKind(const char* name, const char* plural, const char* singular,
                  const char* short_name);
// Adds the scale subresource.
void AddScale(Kind& kind);

// The defaults of spec.template.
void DefaultTemplate(nlohmann::json& spec);
// Carries metadata's rules and `rules` over to updates, with `update_rules` (may be null) behind.
void SetRules(Kind& kind, std::vector<FieldError> (*rules)(const nlohmann::json&),
              void (*update_rules)(const nlohmann::json&, const nlohmann::json& old,
                                   std::vector<FieldError>&));

}  // namespace kless::kubernetes
