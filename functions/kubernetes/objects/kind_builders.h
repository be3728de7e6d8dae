// What the descriptions of kinds are built from: the data, defaults and rules that several share.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// A namespaced kind of group and version with every verb; its type is the singular.
Kind NamespacedKind(const char* group, const char* version, const char* name, const char* plural,
                    const char* singular);
// A kind of apps/v1 with status, generation and the category "all".
Kind WorkloadKind(const char* name, const char* plural, const char* singular,
                  const char* short_name);
// Adds the scale subresource.
void AddScale(Kind& kind);

// The defaults of spec.template.
void DefaultTemplate(nlohmann::json& spec);
// Applies the rules for metadata and `rules` to updates, too, followed by `update_rules` (may be
// null).
void SetRules(Kind& kind, std::vector<FieldError> (*rules)(const nlohmann::json&),
              void (*update_rules)(const nlohmann::json&, const nlohmann::json& old,
                                   std::vector<FieldError>&));

}  // namespace kless::kubernetes
