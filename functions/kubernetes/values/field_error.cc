#include "functions/kubernetes/values/field_error.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"

namespace kless::kubernetes {

using nlohmann::json;

FieldError Required(std::string field, const std::string& detail) {
  return {std::move(field), "FieldValueRequired",
          detail.empty() ? "Required value" : "Required value: " + detail};
}

FieldError Invalid(std::string field, const json& value, const std::string& detail) {
  return {std::move(field), "FieldValueInvalid",
          "Invalid value: " + DumpJson(value) + ": " + detail};
}

FieldError InvalidAs(std::string field, const std::string& value, const std::string& detail) {
  return {std::move(field), "FieldValueInvalid",
          "Invalid value: " + (value.empty() ? detail : value + ": " + detail)};
}

FieldError NotSupported(std::string field, const json& value,
                        const std::vector<std::string>& supported) {
  std::string message = "Unsupported value: " + DumpJson(value) + ": supported values: ";
  for (std::size_t i = 0; i < supported.size(); ++i) {
    if (i > 0) message += ", ";
    AppendJsonString(message, supported[i]);
  }
  return {std::move(field), "FieldValueNotSupported", std::move(message)};
}

FieldError Forbidden(std::string field, const std::string& detail) {
  return {std::move(field), "FieldValueForbidden", "Forbidden: " + detail};
}

FieldError TooLong(std::string field, std::size_t max_bytes) {
  return {std::move(field), "FieldValueTooLong",
          "Too long: may not be more than " + std::to_string(max_bytes) + " bytes"};
}

FieldError TooMany(std::string field, std::size_t actual, std::size_t max_items) {
  return {std::move(field), "FieldValueTooMany",
          "Too many: " + std::to_string(actual) + ": must have at most " +
              std::to_string(max_items) + " items"};
}

FieldError Duplicate(std::string field, const json& value) {
  return {std::move(field), "FieldValueDuplicate", "Duplicate value: " + DumpJson(value)};
}

FieldError NotFound(std::string field, const json& value) {
  return {std::move(field), "FieldValueNotFound", "Not found: " + DumpJson(value)};
}

FieldError Immutable(std::string field, const json& value) {
  return Invalid(std::move(field), value, "field is immutable");
}

}  // namespace kless::kubernetes
