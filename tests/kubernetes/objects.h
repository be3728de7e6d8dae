// Objects that the tests of kinds start from, and the steps that a door takes with them.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/kind.h"
#include "functions/kubernetes/object.h"

namespace kless::kubernetes {

constexpr std::int64_t kNow = 1767225600'000000000;  // 2026-01-01T00:00:00Z

const Kind& KindOf(const char* type);
// The smallest valid Job, with `spec` merged into its own (null: nothing).
nlohmann::json JobBody(const std::string& name);
nlohmann::json JobBody(const std::string& name, const nlohmann::json& spec);
nlohmann::json PodBody(const std::string& name);

// What a write makes of a body, in the order in which a door does it.
struct Written {
  std::shared_ptr<const nlohmann::json> kept;
  const nlohmann::json& object;
  std::vector<FieldError> errors;
  std::vector<std::string> warnings;
};
Written Create(const Kind& kind, nlohmann::json body);
Written Update(const Kind& kind, nlohmann::json body, const nlohmann::json& old, bool main = true);

// "field: message" of each.
std::vector<std::string> Texts(const std::vector<FieldError>& errors);

}  // namespace kless::kubernetes
