#include "functions/kubernetes/values/int_or_percent.h"

#include <nlohmann/json.hpp>

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kPercentSentence =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')";
// Larger shares make no sense, and products could overflow.
constexpr std::size_t kMaxDigits = 9;

std::optional<std::int64_t> PercentNumber(const json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT32_MAX) return INT32_MAX;
  return value.get<std::int64_t>();
}

std::optional<std::int64_t> Percent(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || text.substr(digits) != "%") return std::nullopt;
  if (digits > kMaxDigits) return INT32_MAX;
  return std::stoll(text.substr(0, digits));
}

}  // namespace

bool ValidateIntOrPercent(const json& value, const std::string& field, FieldErrors& errors) {
  if (const auto number = PercentNumber(value)) {
    if (*number >= 0) return true;
    errors.push_back(Invalid(field, *number, "must be greater than or equal to 0"));
  } else if (!value.is_string()) {
    errors.push_back(Invalid(field, value, "must be an integer or percentage (e.g '5%%')"));
  } else if (!Percent(value)) {
    errors.push_back(Invalid(field, value, kPercentSentence));
  } else {
    return true;
  }
  return false;
}

void ValidateAtMostAll(const json& value, const std::string& field, FieldErrors& errors) {
  const auto percent = Percent(value);
  if (percent && *percent > 100) {
    errors.push_back(Invalid(field, value, "must not be greater than 100%"));
  }
}

std::optional<std::int64_t> ScaledValue(const json& value, std::int64_t total, bool round_up) {
  if (const auto number = PercentNumber(value)) return number;
  const auto percent = Percent(value);
  if (!percent) return std::nullopt;
  return (*percent * total + (round_up ? 99 : 0)) / 100;
}

std::int64_t NumberOrPercent(const json& value) {
  if (const auto number = PercentNumber(value)) return *number;
  return Percent(value).value_or(0);
}

}  // namespace kless::kubernetes
