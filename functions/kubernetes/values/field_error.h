// The API server's field errors: one constructor per reason, with its message.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kless::kubernetes {

// One violation, as the API server reports it in Status.details.causes.
struct FieldError {
  std::string field;    // "spec.template.spec.restartPolicy"
  std::string reason;   // "FieldValueRequired", "FieldValueInvalid", "FieldValueNotSupported", ...
  std::string message;  // "Required value: ..."
};

using FieldErrors = std::vector<FieldError>;

FieldError Required(std::string field, const std::string& detail);
FieldError Invalid(std::string field, const nlohmann::json& value, const std::string& detail);
// `value` is as Go prints it; "" if the API server omits it.
FieldError InvalidAs(std::string field, const std::string& value, const std::string& detail);
FieldError NotSupported(std::string field, const nlohmann::json& value,
                        const std::vector<std::string>& supported);
FieldError Forbidden(std::string field, const std::string& detail);
FieldError TooLong(std::string field, std::size_t max_bytes);
FieldError TooMany(std::string field, std::size_t actual, std::size_t max_items);
FieldError Duplicate(std::string field, const nlohmann::json& value);
FieldError NotFound(std::string field, const nlohmann::json& value);
FieldError Immutable(std::string field, const nlohmann::json& value);

}  // namespace kless::kubernetes
