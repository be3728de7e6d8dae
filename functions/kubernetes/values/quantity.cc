#include "functions/kubernetes/values/quantity.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/base/strings.h"

namespace kless::kubernetes {

namespace {

constexpr std::pair<std::string_view, double> kSuffixes[] = {
    {"", 1},        {"n", 1e-9},    {"u", 1e-6},    {"m", 1e-3},
    {"k", 1e3},     {"M", 1e6},     {"G", 1e9},     {"T", 1e12},
    {"P", 1e15},    {"E", 1e18},    {"Ki", 1024.0}, {"Mi", 1048576.0},
    {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
};

struct Scale {
  std::string_view suffix;
  int decimal;  // power of ten
  int binary;   // power of two
};
constexpr Scale kScales[] = {
    {"", 0, 0},    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"k", 3, 0},   {"M", 6, 0},
    {"G", 9, 0},   {"T", 12, 0},  {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
    {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
};

std::optional<Scale> SuffixScale(std::string_view suffix) {
  for (const Scale& scale : kScales) {
    if (suffix == scale.suffix) return scale;
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(suffix[1] == '+' ? 2 : 1);
  const auto exponent = ParseInteger(suffix);
  if (!exponent || *exponent > 1000 || *exponent < -1000) return std::nullopt;
  return Scale{"", static_cast<int>(*exponent), 0};
}

__extension__ typedef unsigned __int128 Wide;
// values below may still be multiplied by ten or shifted
constexpr Wide kWideLimit = Wide{1} << 120;

// value * 10^decimal, rounded up; results above 64 bits stay above.
Wide Scaled(Wide value, int decimal, int binary) {
  for (; binary > 0 && value < kWideLimit; --binary) value <<= 1;
  for (; decimal > 0 && value != 0 && value < kWideLimit; --decimal) value *= 10;
  bool rest = false;
  for (; decimal < 0 && value != 0; ++decimal) {
    rest = rest || value % 10 != 0;
    value /= 10;
  }
  return rest ? value + 1 : value;
}

struct ParsedQuantity {
  bool negative = false;
  Wide digits = 0;
  int fraction = 0;   // number of digits after the point
  bool exact = true;  // no digit was dropped
  std::string_view suffix;
  Scale scale{};
};

std::optional<ParsedQuantity> Parse(std::string_view text) {
  ParsedQuantity parsed;
  parsed.negative = text.starts_with('-');
  if (parsed.negative || text.starts_with('+')) text.remove_prefix(1);
  bool any = false;
  bool behind_point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !behind_point) {
      behind_point = true;
    } else if (c >= '0' && c <= '9') {
      any = true;
      // Beyond 2^60, digits only count as magnitude, and those far after the point not at all.
      if (parsed.digits < (Wide{1} << 60)) {
        parsed.digits = parsed.digits * 10 + static_cast<unsigned>(c - '0');
        parsed.fraction += behind_point;
      } else {
        parsed.fraction -= !behind_point;
        parsed.exact = false;
      }
    } else {
      break;
    }
  }
  parsed.suffix = text.substr(at);
  const auto scale = SuffixScale(parsed.suffix);
  if (!any || !scale) return std::nullopt;
  parsed.scale = *scale;
  return parsed;
}

// Counts in units of 10^-decimal.
std::optional<std::int64_t> Counted(std::string_view text, int decimal) {
  const auto parsed = Parse(text);
  if (!parsed) return std::nullopt;
  const Wide value = Scaled(parsed->digits, parsed->scale.decimal - parsed->fraction + decimal,
                            parsed->scale.binary);
  constexpr std::int64_t kMost = INT64_MAX;
  const std::int64_t held = value > Wide{kMost} ? kMost : static_cast<std::int64_t>(value);
  return parsed->negative ? -held : held;
}

std::string SuffixOf(int decimal, int binary) {
  for (const Scale& scale : kScales) {
    if (scale.decimal == decimal && scale.binary == binary) return std::string(scale.suffix);
  }
  return {};
}

// Formats mantissa * 10^exponent with a suffix and no fraction; nullopt if there is no such suffix.
std::optional<std::string> DecimalText(Wide mantissa, int exponent) {
  while (mantissa % 10 == 0) {
    mantissa /= 10;
    ++exponent;
  }
  for (; exponent % 3 != 0; --exponent) mantissa *= 10;
  if (exponent < -9 || exponent > 18 || mantissa > Wide{INT64_MAX}) return std::nullopt;
  return std::to_string(static_cast<std::int64_t>(mantissa)) + SuffixOf(exponent, 0);
}

std::optional<std::string> BinaryText(const ParsedQuantity& parsed) {
  Wide value = parsed.digits;
  int binary = parsed.scale.binary;
  for (int digit = 0; digit < parsed.fraction; ++digit) {
    for (; value % 10 != 0 && binary > 0; --binary) value *= 2;
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  for (; value % 2 == 0 && binary < 60; ++binary) value /= 2;
  for (; binary % 10 != 0; --binary) value *= 2;
  if (value > Wide{INT64_MAX}) return std::nullopt;
  if (binary == 0 && value < 1024) return DecimalText(value, 0);
  return std::to_string(static_cast<std::int64_t>(value)) + SuffixOf(0, binary);
}

std::int64_t CountedOf(const nlohmann::json& quantity, int decimal) {
  if (quantity.is_string()) {
    return Counted(quantity.get_ref<const std::string&>(), decimal).value_or(0);
  }
  return quantity.is_number() ? Counted(quantity.dump(), decimal).value_or(0) : 0;
}

}  // namespace

std::optional<std::int64_t> QuantityMilli(std::string_view quantity) {
  return Counted(quantity, 3);
}
std::optional<std::int64_t> QuantityUnits(std::string_view quantity) {
  return Counted(quantity, 0);
}
std::int64_t QuantityMilli(const nlohmann::json& quantity) { return CountedOf(quantity, 3); }
std::int64_t QuantityUnits(const nlohmann::json& quantity) { return CountedOf(quantity, 0); }

std::string CanonicalQuantity(std::string_view quantity) {
  const auto parsed = Parse(quantity);
  const bool exponent =
      parsed &&
      (parsed->suffix.starts_with('e') ||
       (parsed->suffix.size() > 1 && parsed->suffix[0] == 'E' && parsed->suffix[1] != 'i'));
  if (!parsed || !parsed->exact || exponent) return std::string(quantity);
  if (parsed->digits == 0) return "0";
  const auto text = parsed->scale.binary > 0
                        ? BinaryText(*parsed)
                        : DecimalText(parsed->digits, parsed->scale.decimal - parsed->fraction);
  if (!text) return std::string(quantity);
  return (parsed->negative ? "-" : "") + *text;
}

void CanonicalizeQuantities(nlohmann::json* quantities) {
  if (quantities == nullptr || !quantities->is_object()) return;
  for (auto& [name, quantity] : quantities->items()) {
    if (quantity.is_string()) {
      quantity = CanonicalQuantity(quantity.get_ref<const std::string&>());
    } else if (quantity.is_number()) {
      quantity = CanonicalQuantity(quantity.dump());
    }
  }
}

double QuantityValue(const nlohmann::json& quantity) {
  if (quantity.is_number()) return quantity.get<double>();
  if (!quantity.is_string()) return 0;
  const std::string& text = quantity.get_ref<const std::string&>();
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return 0;
  const std::string_view suffix(parsed.ptr,
                                static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
  for (const auto& [name, factor] : kSuffixes) {
    if (suffix == name) return value * factor;
  }
  return 0;
}

}  // namespace kless::kubernetes
