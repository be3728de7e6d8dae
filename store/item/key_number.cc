#include "store/item/key_number.h"

#include <optional>
#include <utility>

namespace kless {
namespace {

constexpr char kNegative = 0x00;
constexpr char kZero = 0x01;
constexpr char kPositive = 0x02;
constexpr char kEndOfNegative = '\xff';

// The value 0.DIGITS * 10^exponent, without leading or trailing zeros; no digits mean zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  long exponent = 0;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Parses a number such as "-12.5e3"; nullopt if it is not a decimal number.
std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal decimal;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+'))
    decimal.negative = text[at++] == '-';
  bool any = false;
  bool fraction = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      if (fraction) return std::nullopt;
      fraction = true;
      continue;
    }
    if (!IsDigit(c)) break;
    any = true;
    if (decimal.digits.empty() && c == '0') {
      if (fraction) --decimal.exponent;  // 0.001 is 0.1 * 10^-2
      continue;
    }
    decimal.digits.push_back(c);
    if (!fraction) ++decimal.exponent;
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
    if (at == text.size()) return std::nullopt;
    long exponent = 0;
    for (; at < text.size(); ++at) {
      if (!IsDigit(text[at])) return std::nullopt;
      if (exponent < 100'000'000) exponent = exponent * 10 + (text[at] - '0');
    }
    decimal.exponent += negative ? -exponent : exponent;
  }
  while (!decimal.digits.empty() && decimal.digits.back() == '0') decimal.digits.pop_back();
  return decimal;
}

}  // namespace

Result<std::string> EncodeNumber(std::string_view text) {
  const auto fail = [](std::string message) {
    return MakeError(ErrorCode::kInvalidArgument, std::move(message));
  };
  const auto decimal = ParseDecimal(text);
  if (!decimal) {
    return fail("The parameter cannot be converted to a numeric value: " + std::string(text));
  }
  if (decimal->digits.empty()) return std::string(1, kZero);
  if (decimal->digits.size() > kNumberDigitsMax) {
    return fail("Attempting to store more than 38 significant digits in a Number");
  }
  if (decimal->exponent - 1 > kNumberExponentMax) {
    return fail(
        "Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (decimal->exponent - 1 < kNumberExponentMin) {
    return fail(
        "Number underflow. Attempting to store a number with magnitude smaller than supported "
        "range");
  }
  std::string bytes(1, kPositive);
  bytes.push_back(static_cast<char>(decimal->exponent - 1 - kNumberExponentMin));
  for (std::size_t i = 0; i < decimal->digits.size(); i += 2) {
    const int tens = decimal->digits[i] - '0';
    const int ones = i + 1 < decimal->digits.size() ? decimal->digits[i + 1] - '0' : 0;
    bytes.push_back(static_cast<char>(10 * tens + ones + 1));
  }
  if (decimal->negative) {
    bytes[0] = kNegative;
    for (std::size_t i = 1; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
    bytes.push_back(kEndOfNegative);
  }
  return bytes;
}

std::string DecodeNumber(std::string_view bytes) {
  if (bytes.size() == 1 && bytes[0] == kZero) return "0";
  const bool negative = !bytes.empty() && bytes[0] == kNegative;
  if (bytes.size() < (negative ? 4u : 3u)) return {};
  if (!negative && bytes[0] != kPositive) return {};
  const std::size_t end = negative ? bytes.size() - 1 : bytes.size();
  const auto byte = [&](std::size_t i) {
    const auto raw = static_cast<unsigned char>(bytes[i]);
    return negative ? 255 - raw : static_cast<int>(raw);
  };
  const int exponent = byte(1) + kNumberExponentMin + 1;  // the number of digits before the point
  std::string digits;
  for (std::size_t i = 2; i < end; ++i) {
    const int pair = byte(i) - 1;
    if (pair < 0 || pair > 99) return {};
    digits.push_back(static_cast<char>('0' + pair / 10));
    digits.push_back(static_cast<char>('0' + pair % 10));
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  std::string text = negative ? "-" : "";
  const auto count = static_cast<int>(digits.size());
  if (exponent <= 0) {
    text += "0." + std::string(static_cast<std::size_t>(-exponent), '0') + digits;
  } else if (count <= exponent) {
    text += digits + std::string(static_cast<std::size_t>(exponent - count), '0');
  } else {
    text += digits.substr(0, static_cast<std::size_t>(exponent)) + "." +
            digits.substr(static_cast<std::size_t>(exponent));
  }
  return text;
}

Result<std::string> NormalizeNumber(std::string_view text) {
  auto encoded = EncodeNumber(text);
  if (encoded.has_error()) return encoded;
  return DecodeNumber(encoded.value());
}

}  // namespace kless
