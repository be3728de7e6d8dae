// Reading and changing JSON of any shape: nothing here throws, whatever the types.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

// The member at the end of a path of object keys; null if a step is missing, not an object, or
// null.
const nlohmann::json* Find(const nlohmann::json& object, const char* key);
const nlohmann::json* Find(const nlohmann::json& object, std::initializer_list<const char*> path);
nlohmann::json* Find(nlohmann::json& object, const char* key);
nlohmann::json* Find(nlohmann::json& object, std::initializer_list<const char*> path);

// The same, or an empty object, to read further.
const nlohmann::json& FindOrEmpty(const nlohmann::json& object, const char* key);
const nlohmann::json& FindOrEmpty(const nlohmann::json& object,
                                  std::initializer_list<const char*> path);
// A copy, or null.
nlohmann::json ValueOrNull(const nlohmann::json& object, const char* key);
// The number of elements of an array; 0 if it is null or not an array.
std::size_t SizeOf(const nlohmann::json* array);

// "" if absent or not a string.
std::string StringAt(const nlohmann::json& object, const char* key);
std::string StringAt(const nlohmann::json& object, std::initializer_list<const char*> path);
// nullopt if absent or not an integer (or if it exceeds 63 bits).
std::optional<std::int64_t> IntegerAt(const nlohmann::json& object, const char* key);
std::optional<std::int64_t> IntegerAt(const nlohmann::json& object,
                                      std::initializer_list<const char*> path);
// False if absent or not a boolean.
bool BoolAt(const nlohmann::json& object, const char* key);

// The object under `key`, created if absent or null; null if the value is not an object (or
// `object` is not one).
nlohmann::json* ObjectAt(nlohmann::json& object, const char* key);
// Sets `key` unless it has a value.
void SetDefault(nlohmann::json& object, const char* key, nlohmann::json value);
// Set assigns object[key], Erase removes it.  No effect on other types.
void Set(nlohmann::json& object, const char* key, nlohmann::json value);
void Erase(nlohmann::json& object, const char* key);

// Whether an array of strings contains `value`.
bool HoldsString(const nlohmann::json* array, const std::string& value);

}  // namespace kless::kubernetes
