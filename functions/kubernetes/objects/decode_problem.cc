#include "functions/kubernetes/objects/decode_problem.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

std::optional<std::string> DecodeProblem(const Kind& kind, const nlohmann::json& object) {
  if (kind.schema == nullptr) return std::nullopt;
  if (!kind.custom) return SchemaProblem(*kind.schema, object);
  // Only metadata has a Go type; the rest is validated later.
  const json* metadata = Find(object, "metadata");
  if (metadata == nullptr) return std::nullopt;
  static const Schema* const kMetadata = MemberSchema(FindSchema("v1", "ConfigMap"), "metadata");
  return SchemaProblem(*kMetadata, *metadata);
}

}  // namespace kless::kubernetes
