#include "emulator/doors/aws/wire/input.h"

#include <cmath>

#include "emulator/base/strings.h"

namespace kless::doors::aws {

using simdjson::dom::element;

std::optional<element> Input::Find(std::string_view name) const {
  std::optional<element> found;
  for (const auto& [key, value] : object_) {
    if (key == name) found = value;
  }
  if (found && found->is_null()) return std::nullopt;
  return found;
}

std::optional<std::string_view> Input::Text(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_string()) return std::nullopt;
  return value->get_string().value_unsafe();
}

std::string Input::TextOr(std::string_view name) const {
  return std::string(Text(name).value_or(std::string_view()));
}

std::optional<std::int64_t> Input::Integer(std::string_view name) const {
  const auto value = Find(name);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64().value_unsafe();
  if (value->is_uint64()) return INT64_MAX;
  if (!value->is_double()) return std::nullopt;
  const double number = std::floor(value->get_double().value_unsafe());
  if (number >= 9.2e18) return INT64_MAX;
  if (number <= -9.2e18) return INT64_MIN;
  return static_cast<std::int64_t>(number);
}

std::optional<bool> Input::Flag(std::string_view name) const {
  const auto value = Find(name);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool().value_unsafe();
  if (!value->is_string()) return std::nullopt;
  const std::string text = LowerCase(std::string(value->get_string().value_unsafe()));
  return text == "true" || text == "yes" || text == "1";
}

std::optional<Input> Input::Structure(std::string_view name) const {
  const auto value = Map(name);
  if (!value) return std::nullopt;
  return Input(*value);
}

std::optional<simdjson::dom::object> Input::Map(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_object()) return std::nullopt;
  return value->get_object().value_unsafe();
}

std::optional<simdjson::dom::array> Input::List(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_array()) return std::nullopt;
  return value->get_array().value_unsafe();
}

}  // namespace kless::doors::aws
