#include "functions/kubernetes/custom/schema/go_numbers.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Go writes an exponent from this number on.
constexpr double kExponentFrom = 1e21;

// A whole number as the shortest digits that identify it, padded with zeros.
std::string Digits(double number) {
  char text[40];
  const auto written =
      std::to_chars(text, text + sizeof text, number, std::chars_format::scientific);
  const std::string scientific(text, written.ptr);
  const std::size_t e = scientific.find('e');
  std::string digits = scientific.substr(0, e);
  const std::size_t point = digits.find('.');
  const std::size_t fraction = point == std::string::npos ? 0 : digits.size() - point - 1;
  if (point != std::string::npos) digits.erase(point, 1);
  const auto exponent = static_cast<std::size_t>(std::stoi(scientific.substr(e + 1)));
  return digits + std::string(exponent - fraction, '0');
}

template <class Integer>
bool Read(const std::string& digits, json& value) {
  Integer number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return false;
  value = number;
  return true;
}

void Settle(double number, json& value) {
  if (std::floor(number) != number || std::abs(number) >= kExponentFrom) {
    value = number;
    return;
  }
  const std::string digits = Digits(number);
  // A number that only fits an unsigned integer has the same text as Go's float64.
  if (!Read<std::int64_t>(digits, value) && !Read<std::uint64_t>(digits, value)) value = number;
}

}  // namespace

bool IsInt64(const json& value) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return value.is_number_integer() &&
         (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kMax);
}

void SettleNumbers(json& value) {
  if (value.is_structured()) {
    for (json& part : value) SettleNumbers(part);
  } else if (value.is_number() && !IsInt64(value)) {
    Settle(value.get<double>(), value);
  }
}

}  // namespace kless::kubernetes
