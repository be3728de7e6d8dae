#include "functions/controllers/loop/custom_types.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

bool IsCustomType(const std::string& type) { return type.find('.') != std::string::npos; }

std::optional<std::vector<CustomType>> CustomTypesOf(World& world) {
  const auto* definitions = world.List(kubernetes::kDefinitionType, "");
  if (definitions == nullptr) return std::nullopt;
  return CustomTypesIn(*definitions);
}

std::vector<CustomType> CustomTypesIn(
    const std::vector<std::pair<ResourceId, ItemPtr>>& definitions) {
  std::vector<CustomType> types;
  for (const auto& [id, item] : definitions) {
    const nlohmann::json object = ObjectOf(item);
    CustomType type;
    type.type = id.name;
    type.group = kubernetes::StringAt(object, {"spec", "group"});
    type.plural = kubernetes::StringAt(object, {"spec", "names", "plural"});
    type.kind = kubernetes::StringAt(object, {"spec", "names", "kind"});
    type.namespaced = kubernetes::StringAt(object, {"spec", "scope"}) != "Cluster";
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace kless::controllers
