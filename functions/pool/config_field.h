// ConfigField: one field of a function's configuration or of its event source mapping's.  Config
// files, flags, scenarios, `kless function set` and the admin API all set a field through `set`, so
// that names, ranges and error messages are the same everywhere.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"

namespace kless {

template <class Config>
struct ConfigField {
  std::string name;  // "memory_mb"; durations are milliseconds and end in _ms
  std::string help;  // a phrase with the unit and the range, without the default
  nlohmann::json (*get)(const Config&);
  // The error is a sentence without its subject: "must be a whole number from 0 to 2, not 3".
  Result<void> (*set)(Config&, const nlohmann::json& value);
};

// Returns kInvalidArgument, with the words of ConfigField::set.
Error WrongValue(const std::string& must, const nlohmann::json& value);

Result<void> SetWholeNumber(int* target, const nlohmann::json& value, std::int64_t low,
                            std::int64_t high);
// A number of milliseconds, or a text that ParseDuration understands ("30s").
Result<void> SetMilliseconds(Duration* target, const nlohmann::json& value, Duration low,
                             Duration high);
Result<void> SetTrueOrFalse(bool* target, const nlohmann::json& value);

}  // namespace kless
