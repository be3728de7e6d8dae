// Status objects: how the API server says that a request succeeded or failed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

nlohmann::json StatusFailure(int code, std::string_view reason, std::string message,
                             nlohmann::json details);
// Formats "Job.batch "a" is invalid: <errors>"; repeated errors appear once.
std::string InvalidMessage(const Kind& kind, const std::string& name,
                           const std::vector<FieldError>& errors);
nlohmann::json InvalidStatus(const Kind& kind, const std::string& name,
                             const std::vector<FieldError>& errors);  // 422
nlohmann::json StatusSuccess(const Kind& kind, const std::string& name, const std::string& uid);

}  // namespace kless::kubernetes
