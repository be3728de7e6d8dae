#include "emulator/dynamodb/model/decimal.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kless {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr char kNegative = 0x00;
constexpr char kZero = 0x01;
constexpr char kPositive = 0x02;
constexpr char kEndOfNegative = '\xff';

// 10^0 .. 10^38: 10^38 is the largest power of ten below 2^128.
constexpr std::array<Wide, 39> MakePowers() {
  std::array<Wide, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowers = MakePowers();

Wide PowerOfTen(int exponent) { return kPowers[static_cast<std::size_t>(exponent)]; }

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error NotNumeric(std::string_view text) {
  std::string message = "The parameter cannot be converted to a numeric value";
  if (!text.empty()) message += ": " + std::string(text);
  return Invalid(std::move(message));
}

Error TooManyDigits() {
  return Invalid("Attempting to store more than 38 significant digits in a Number");
}

Error Overflow() {
  return Invalid(
      "Number overflow. Attempting to store a number with magnitude larger than supported range");
}

Error Underflow() {
  return Invalid(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range");
}

bool IsDecimalDigit(char c) { return c >= '0' && c <= '9'; }

// The mantissa of a number's text, without its trailing zeros.
struct Mantissa {
  Wide coefficient = 0;
  // The number of digits, which may be more than fit the coefficient.
  long long digits = 0;
  long long exponent = 0;
  std::size_t end = 0;  // offset of the first character after it
};

// Returns nullopt if there is no digit, or more than one point.
std::optional<Mantissa> ReadMantissa(std::string_view text, std::size_t at) {
  Mantissa mantissa;
  bool any = false;
  bool fraction = false;
  long long zeros = 0;          // since the last digit that is not 0
  long long fraction_read = 0;  // digits after the point
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      if (fraction) return std::nullopt;
      fraction = true;
      continue;
    }
    if (!IsDecimalDigit(c)) break;
    any = true;
    if (fraction) ++fraction_read;
    if (c == '0') {
      if (mantissa.digits == 0) continue;
      ++zeros;
      // Within the integer part a zero may be the number's last digit, and then scales it.
      if (!fraction) ++mantissa.exponent;
      continue;
    }
    mantissa.digits += zeros + 1;
    if (mantissa.digits <= kNumberDigitsMax) {
      mantissa.coefficient = mantissa.coefficient * PowerOfTen(static_cast<int>(zeros) + 1) +
                             static_cast<unsigned>(c - '0');
    }
    zeros = 0;
    mantissa.exponent = -fraction_read;
  }
  if (!any) return std::nullopt;
  mantissa.end = at;
  return mantissa;
}

// Reads "e-12" to the end of the text; no text means 0.  Large exponents are cut off at a value
// that no mantissa makes up for.
std::optional<long long> ReadExponent(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  long long exponent = 0;
  for (const char c : text) {
    if (!IsDecimalDigit(c)) return std::nullopt;
    if (exponent < 1'000'000'000'000) exponent = exponent * 10 + (c - '0');
  }
  return negative ? -exponent : exponent;
}

}  // namespace

Decimal::Decimal(std::uint64_t value) : coefficient_(value) {
  while (coefficient_ != 0 && coefficient_ % 10 == 0) {
    coefficient_ /= 10;
    ++exponent_;
  }
}

Result<Decimal> Decimal::Parse(std::string_view text) {
  std::size_t at = 0;
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    at = 1;
  }
  const auto mantissa = ReadMantissa(text, at);
  if (!mantissa) return NotNumeric(text);
  const auto exponent = ReadExponent(text.substr(mantissa->end));
  if (!exponent) return NotNumeric(text);
  if (mantissa->digits == 0) return Decimal();
  const long long scale = mantissa->exponent + *exponent;
  const long long magnitude = scale + mantissa->digits - 1;
  if (magnitude > kNumberExponentMax) return Overflow();
  if (magnitude < kNumberExponentMin) return Underflow();
  if (mantissa->digits > kNumberDigitsMax) return TooManyDigits();
  return Decimal(negative, mantissa->coefficient, static_cast<int>(scale));
}

Result<Decimal> Decimal::Checked(bool negative, Coefficient coefficient, int exponent) {
  if (coefficient == 0) return Decimal();
  while (coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  const bool too_many = coefficient >= kPowers[kNumberDigitsMax];
  const Decimal result(negative, coefficient, exponent);
  if (result.Magnitude() > kNumberExponentMax) return Overflow();
  if (result.Magnitude() < kNumberExponentMin) return Underflow();
  if (too_many) return Overflow();
  return result;
}

int Decimal::CountDigits() const {
  return static_cast<int>(std::upper_bound(kPowers.begin(), kPowers.end(), coefficient_) -
                          kPowers.begin());
}

int Decimal::WriteDigits(char* digits) const {
  constexpr std::uint64_t kHalf = 10'000'000'000'000'000'000u;  // 10^19
  const int count = CountDigits();
  auto low = static_cast<std::uint64_t>(coefficient_ % kHalf);
  auto high = static_cast<std::uint64_t>(coefficient_ / kHalf);
  for (int i = count - 1; i >= 0; --i) {
    std::uint64_t& half = count - i <= 19 ? low : high;
    digits[i] = static_cast<char>('0' + half % 10);
    half /= 10;
  }
  return count;
}

void Decimal::AppendText(std::string& out) const {
  if (is_zero()) {
    out += '0';
    return;
  }
  char digits[40];
  const int count = WriteDigits(digits);
  if (negative_) out += '-';
  const int before_point = count + exponent_;
  if (before_point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-before_point), '0');
    out.append(digits, static_cast<std::size_t>(count));
  } else if (exponent_ >= 0) {
    out.append(digits, static_cast<std::size_t>(count));
    out.append(static_cast<std::size_t>(exponent_), '0');
  } else {
    out.append(digits, static_cast<std::size_t>(before_point));
    out += '.';
    out.append(digits + before_point, static_cast<std::size_t>(count - before_point));
  }
}

std::string Decimal::ToText() const {
  std::string text;
  AppendText(text);
  return text;
}

std::string Decimal::ToKeyBytes() const {
  if (is_zero()) return std::string(1, kZero);
  char digits[40];
  const int count = WriteDigits(digits);
  std::string bytes(1, kPositive);
  bytes.push_back(static_cast<char>(Magnitude() - kNumberExponentMin));
  for (int i = 0; i < count; i += 2) {
    const int tens = digits[i] - '0';
    const int ones = i + 1 < count ? digits[i + 1] - '0' : 0;
    bytes.push_back(static_cast<char>(10 * tens + ones + 1));
  }
  if (negative_) {
    bytes[0] = kNegative;
    for (std::size_t i = 1; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
    bytes.push_back(kEndOfNegative);
  }
  return bytes;
}

std::optional<Decimal> Decimal::FromKeyBytes(std::string_view bytes) {
  if (bytes.size() == 1 && bytes[0] == kZero) return Decimal();
  const bool negative = !bytes.empty() && bytes[0] == kNegative;
  if (bytes.size() < (negative ? 4u : 3u)) return std::nullopt;
  if (!negative && bytes[0] != kPositive) return std::nullopt;
  const std::size_t end = negative ? bytes.size() - 1 : bytes.size();
  if (end - 2 > kNumberDigitsMax / 2) return std::nullopt;
  const auto byte = [&](std::size_t i) {
    const auto raw = static_cast<unsigned char>(bytes[i]);
    return negative ? 255 - raw : static_cast<int>(raw);
  };
  Coefficient coefficient = 0;
  for (std::size_t i = 2; i < end; ++i) {
    const int pair = byte(i) - 1;
    if (pair < 0 || pair > 99) return std::nullopt;
    coefficient = coefficient * 100 + static_cast<unsigned>(pair);
  }
  const int digits = 2 * static_cast<int>(end - 2);
  auto checked = Checked(negative, coefficient, byte(1) + kNumberExponentMin - digits + 1);
  if (checked.has_error()) return std::nullopt;
  return checked.value();
}

std::size_t Decimal::StoredBytes() const {
  if (is_zero()) return 1;
  // Pairs of digits are counted from the point, so a first pair may hold one digit only.
  const int count = CountDigits();
  const bool lone_first = Magnitude() % 2 == 0;
  const int pairs = lone_first ? 1 + count / 2 : (count + 1) / 2;
  const int bytes = 1 + pairs + (negative_ ? 1 : 0);
  return static_cast<std::size_t>(bytes);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.negative_ != b.negative_) {
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const auto by_magnitude = [&]() -> std::strong_ordering {
    if (a.is_zero() || b.is_zero()) return !a.is_zero() <=> !b.is_zero();
    const auto first = a.Magnitude() <=> b.Magnitude();
    if (first != 0) return first;
    const int shift = a.exponent_ - b.exponent_;
    if (shift >= 0) return a.coefficient_ * PowerOfTen(shift) <=> b.coefficient_;
    return a.coefficient_ <=> b.coefficient_ * PowerOfTen(-shift);
  }();
  return a.negative_ ? 0 <=> by_magnitude : by_magnitude;
}

Result<Decimal> Add(const Decimal& a, const Decimal& b) {
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  const Decimal& high = a.exponent_ >= b.exponent_ ? a : b;
  const Decimal& low = a.exponent_ >= b.exponent_ ? b : a;
  const int shift = high.exponent_ - low.exponent_;
  // The last digit of `low` is the last digit of the result, since it is not 0.  So a result of
  // 10^39 units of that digit or more has too many digits; one that large cannot come from a
  // difference either, because `low` has less than 10^38 units.
  const int digits = high.CountDigits() + shift;
  if (digits > kNumberDigitsMax + 1) return Overflow();
  if (digits == kNumberDigitsMax + 1 &&
      high.coefficient_ >= 2 * PowerOfTen(kNumberDigitsMax - shift)) {
    return Overflow();
  }
  // At most 2 * 10^38 plus 10^38: below 2^128.
  const Wide shifted = high.coefficient_ * PowerOfTen(shift);
  if (high.negative_ == low.negative_) {
    return Decimal::Checked(high.negative_, shifted + low.coefficient_, low.exponent_);
  }
  if (shifted >= low.coefficient_) {
    return Decimal::Checked(high.negative_, shifted - low.coefficient_, low.exponent_);
  }
  return Decimal::Checked(low.negative_, low.coefficient_ - shifted, low.exponent_);
}

Result<Decimal> Subtract(const Decimal& a, const Decimal& b) {
  return Add(a, b.is_zero() ? b : Decimal(!b.negative_, b.coefficient_, b.exponent_));
}

}  // namespace kless
