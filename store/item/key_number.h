// Numbers as key bytes: byte order is numeric order, equal numbers are equal bytes.
//
//   0        01
//   x > 0    02 e d1 d2 ...        x = 0.D1D2.. * 10^(e - 129); d: two decimal digits, plus 1
//   x < 0    00 ~e ~d1 ~d2 ... ff
//
// Trailing zeros are dropped, so the shorter of two texts with a common prefix is the smaller
// number.  Negative numbers have every byte complemented; their end mark, greater than any ~d,
// reverses the order of prefixes.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

// DynamoDB's numbers have 38 significant digits and a magnitude of 1e-130 to 9.99..e125, or are
// zero.  Limits:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
constexpr int kNumberDigitsMax = 38;
constexpr int kNumberExponentMin = -130;  // exponent of the first digit
constexpr int kNumberExponentMax = 125;

// kInvalidArgument: not a decimal number, too many digits, too large or too small.
Result<std::string> EncodeNumber(std::string_view text);
// Returns the number without exponent, leading or trailing zeros: "-0.5", "1000".  Empty if the
// bytes do not encode a number.
std::string DecodeNumber(std::string_view bytes);
// Encodes and decodes: "1e3" becomes "1000".
Result<std::string> NormalizeNumber(std::string_view text);

}  // namespace kless
