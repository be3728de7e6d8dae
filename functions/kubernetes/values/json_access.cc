#include "functions/kubernetes/values/json_access.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace kless::kubernetes {

using nlohmann::json;

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const json* Find(const json& object, std::initializer_list<const char*> path) {
  const json* at = &object;
  for (const char* key : path) {
    at = Find(*at, key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

json* Find(json& object, const char* key) {
  return const_cast<json*>(Find(std::as_const(object), key));
}

json* Find(json& object, std::initializer_list<const char*> path) {
  return const_cast<json*>(Find(std::as_const(object), path));
}

namespace {
std::string StringOf(const json* value) {
  return value != nullptr && value->is_string() ? value->get_ref<const std::string&>()
                                                : std::string();
}

std::optional<std::int64_t> IntegerOf(const json* value) {
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return value->get<std::int64_t>();
}
}  // namespace

const json& FindOrEmpty(const json& object, const char* key) { return FindOrEmpty(object, {key}); }

const json& FindOrEmpty(const json& object, std::initializer_list<const char*> path) {
  static const json kEmpty = json::object();
  const json* found = Find(object, path);
  return found == nullptr ? kEmpty : *found;
}

json ValueOrNull(const json& object, const char* key) {
  const json* found = Find(object, key);
  return found == nullptr ? json() : *found;
}

std::size_t SizeOf(const json* array) {
  return array != nullptr && array->is_array() ? array->size() : 0;
}

std::string StringAt(const json& object, const char* key) { return StringOf(Find(object, key)); }
std::string StringAt(const json& object, std::initializer_list<const char*> path) {
  return StringOf(Find(object, path));
}
std::optional<std::int64_t> IntegerAt(const json& object, const char* key) {
  return IntegerOf(Find(object, key));
}
std::optional<std::int64_t> IntegerAt(const json& object, std::initializer_list<const char*> path) {
  return IntegerOf(Find(object, path));
}
bool BoolAt(const json& object, const char* key) {
  const json* value = Find(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

json* ObjectAt(json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  json& value = object[key];
  if (value.is_null()) value = json::object();
  return value.is_object() ? &value : nullptr;
}

void SetDefault(json& object, const char* key, json value) {
  if (!object.is_object()) return;
  json& member = object[key];
  if (member.is_null()) member = std::move(value);
}

void Set(json& object, const char* key, json value) {
  if (object.is_object()) object[key] = std::move(value);
}

void Erase(json& object, const char* key) {
  if (object.is_object()) object.erase(key);
}

bool HoldsString(const json* array, const std::string& value) {
  if (array == nullptr || !array->is_array()) return false;
  for (const json& entry : *array) {
    if (entry.is_string() && entry.get_ref<const std::string&>() == value) return true;
  }
  return false;
}

}  // namespace kless::kubernetes
