// Objects from which the tests of kinds start, and the steps that a door performs on them.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

constexpr std::int64_t kNow = 1767225600'000000000;  // 2026-01-01T00:00:00Z

const Kind& KindOf(const char* type);
// The smallest valid Job, with `spec` merged into its own (null: nothing).
nlohmann::json JobBody(const std::string& name);
nlohmann::json JobBody(const std::string& name, const nlohmann::json& spec);
nlohmann::json PodBody(const std::string& name);

// The result of a write, with the steps in the same order as in a door.
struct Written {
  std::shared_ptr<const nlohmann::json> kept;
  const nlohmann::json& object;
  std::vector<FieldError> errors;
  std::vector<std::string> warnings;
};
Written Create(const Kind& kind, nlohmann::json body);
Written Update(const Kind& kind, nlohmann::json body, const nlohmann::json& old, bool main = true);

// Formats each error as "field: message".
std::vector<std::string> Texts(const std::vector<FieldError>& errors);

}  // namespace kless::kubernetes
