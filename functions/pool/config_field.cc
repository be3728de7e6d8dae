#include "functions/pool/config_field.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"

namespace kless {

Error WrongValue(const std::string& must, const nlohmann::json& value) {
  const std::string shown =
      value.is_string() ? "'" + value.get<std::string>() + "'" : DumpJson(value);
  return MakeError(ErrorCode::kInvalidArgument, "must be " + must + ", not " + shown);
}

Result<void> SetWholeNumber(int* target, const nlohmann::json& value, std::int64_t low,
                            std::int64_t high) {
  // An unsigned number above the int64 range would become negative.
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  if (!fits || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
    return WrongValue("a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                      value);
  }
  *target = static_cast<int>(value.get<std::int64_t>());
  return {};
}

Result<void> SetMilliseconds(Duration* target, const nlohmann::json& value, Duration low,
                             Duration high) {
  std::optional<Duration> read;
  if (value.is_string()) read = ParseDuration(value.get<std::string>());
  if (value.is_number()) {
    const double milliseconds = value.get<double>();
    // Compared as numbers first: a huge one does not fit into a Duration.
    if (milliseconds >= 0 && milliseconds <= ToMilliseconds(high)) {
      read = FromMilliseconds(milliseconds);
    }
  }
  if (!read || *read < low || *read > high) {
    return WrongValue("a duration from " + FormatDuration(low) + " to " + FormatDuration(high) +
                          " such as 1500 (milliseconds), 30s or 2h",
                      value);
  }
  *target = *read;
  return {};
}

Result<void> SetTrueOrFalse(bool* target, const nlohmann::json& value) {
  if (!value.is_boolean()) return WrongValue("true or false", value);
  *target = value.get<bool>();
  return {};
}

}  // namespace kless
