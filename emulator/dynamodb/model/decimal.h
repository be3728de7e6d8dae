// Decimal: the number type of DynamoDB, exact: never rounded, never a double.
//
// Limits (38 significant digits, magnitudes of 1e-130 to 9.99..e125, or zero):
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

constexpr int kNumberDigitsMax = 38;
constexpr int kNumberExponentMin = -130;  // exponent of the first digit
constexpr int kNumberExponentMax = 125;

// Equal numbers are equal objects, however they were spelled: "1e3" and "1000.0", "-0" and "0".
class Decimal {
 public:
  Decimal() = default;  // 0
  explicit Decimal(std::uint64_t value);

  // Accepts an optional sign, digits with an optional point, and an optional exponent.  The errors
  // (kInvalidArgument) have DynamoDB's texts: not a number, overflow, underflow, too many digits.
  static Result<Decimal> Parse(std::string_view text);

  // The number without exponent, leading or trailing zeros: "-0.5", "1000".
  std::string ToText() const;
  void AppendText(std::string& out) const;

  // The number as key bytes: byte order is numeric order, equal numbers are equal bytes.
  //
  //   0        01
  //   x > 0    02 e d1 d2 ...        x = 0.D1D2.. * 10^(e - 129); d: two decimal digits, plus 1
  //   x < 0    00 ~e ~d1 ~d2 ... ff
  //
  // Trailing zeros are dropped, so the shorter of two texts with a common prefix is the smaller
  // number.  Negative numbers have every byte complemented; their end mark, greater than any ~d,
  // reverses the order of prefixes.
  std::string ToKeyBytes() const;
  // nullopt if the bytes do not encode a number.
  static std::optional<Decimal> FromKeyBytes(std::string_view bytes);

  // What the number counts in the size of an item: see item_size.h.
  std::size_t StoredBytes() const;

  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return negative_; }

  friend bool operator==(const Decimal&, const Decimal&) = default;
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

  // Exact: a result that is too large or too small, or that has more than 38 significant digits, is
  // refused instead of rounded.  DynamoDB says "Number overflow" of too many digits, too:
  // test_update_expression_plus_imprecise in
  // https://github.com/scylladb/scylladb/blob/master/test/alternator/test_number.py
  friend Result<Decimal> Add(const Decimal& a, const Decimal& b);
  friend Result<Decimal> Subtract(const Decimal& a, const Decimal& b);

 private:
  __extension__ using Coefficient = unsigned __int128;

  Decimal(bool negative, Coefficient coefficient, int exponent)
      : negative_(negative), exponent_(exponent), coefficient_(coefficient) {}
  // Drops trailing zeros and checks the limits.
  static Result<Decimal> Checked(bool negative, Coefficient coefficient, int exponent);
  int CountDigits() const;
  // The exponent of the first digit.
  int Magnitude() const { return exponent_ + CountDigits() - 1; }
  // The digits as text; returns their number.
  int WriteDigits(char* digits) const;

  // The value is coefficient * 10^exponent.  The coefficient has at most 38 digits, the last one is
  // not 0; zero is 0 * 10^0 and not negative.
  bool negative_ = false;
  int exponent_ = 0;
  Coefficient coefficient_ = 0;
};

}  // namespace kless
