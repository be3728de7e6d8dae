// Reading and shaping JSON that anyone may have written: nothing here throws, whatever the types.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

// The member at the end of a path of object keys; null if a step is missing, no object, or null.
const nlohmann::json* Find(const nlohmann::json& object, const char* key);
const nlohmann::json* Find(const nlohmann::json& object, std::initializer_list<const char*> path);
nlohmann::json* Find(nlohmann::json& object, const char* key);
nlohmann::json* Find(nlohmann::json& object, std::initializer_list<const char*> path);

// The same, or an empty object: for reading on.
const nlohmann::json& FindOrEmpty(const nlohmann::json& object, const char* key);
const nlohmann::json& FindOrEmpty(const nlohmann::json& object,
                                  std::initializer_list<const char*> path);
// A copy, or null.
nlohmann::json ValueOrNull(const nlohmann::json& object, const char* key);
// The elements of an array; none if it is null or something else.
std::size_t SizeOf(const nlohmann::json* array);

// "" if absent or no string.
std::string StringAt(const nlohmann::json& object, const char* key);
std::string StringAt(const nlohmann::json& object, std::initializer_list<const char*> path);
// nullopt if absent or no integer (numbers beyond 63 bits included).
std::optional<std::int64_t> IntegerAt(const nlohmann::json& object, const char* key);
std::optional<std::int64_t> IntegerAt(const nlohmann::json& object,
                                      std::initializer_list<const char*> path);
// False if absent or no boolean.
bool BoolAt(const nlohmann::json& object, const char* key);

// The object under `key`, made if absent or null; null if there is something that is no object (or
// `object` is none).
nlohmann::json* ObjectAt(nlohmann::json& object, const char* key);
// Sets `key` unless it holds something.
void SetDefault(nlohmann::json& object, const char* key, nlohmann::json value);
// object[key] = value where `object` is one; drops `key`.  No effect on other types.
void Set(nlohmann::json& object, const char* key, nlohmann::json value);
void Erase(nlohmann::json& object, const char* key);

// Whether an array of strings holds `value`.
bool HoldsString(const nlohmann::json* array, const std::string& value);

}  // namespace kless::kubernetes
