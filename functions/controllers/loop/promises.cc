#include "functions/controllers/loop/promises.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

std::string OwnerUid(const Item& owner) {
  if (owner.fields) return owner.fields->uid;
  const auto parsed = ParseJson(owner.document);
  return parsed.has_value() ? kubernetes::StringAt(parsed.value(), {"metadata", "uid"})
                            : std::string();
}

}  // namespace kless::controllers
