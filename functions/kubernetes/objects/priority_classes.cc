#include "functions/kubernetes/objects/priority_classes.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

std::shared_ptr<const json> FindPriorityClass(StoredObjects& stored, const std::string& name) {
  if (!name.empty()) return stored.Find(kPriorityClassType, name);
  std::shared_ptr<const json> lowest;
  for (const std::string& holder : stored.Holders(kPriorityClassType, kGlobalDefault)) {
    auto object = stored.Find(kPriorityClassType, holder);
    if (object == nullptr) continue;
    if (lowest == nullptr ||
        IntegerAt(*object, "value").value_or(0) < IntegerAt(*lowest, "value").value_or(0)) {
      lowest = std::move(object);
    }
  }
  return lowest;
}

const std::vector<std::pair<std::string, std::int64_t>>& SystemPriorityClasses() {
  static const std::vector<std::pair<std::string, std::int64_t>> kClasses = {
      {"system-node-critical", 2'000'001'000}, {"system-cluster-critical", 2'000'000'000}};
  return kClasses;
}

}  // namespace kless::kubernetes
