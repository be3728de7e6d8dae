// Numbers as text.  Every number in an output is formatted here, so that equal results are equal
// bytes, whatever computed their last bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kless::experiment {

// The nearest number with nine significant digits; 0 if it is not finite.
double RoundNumber(double value);
// At most nine significant digits, in the shortest form: "3.29", "1e-07"; "" if it is not finite.
std::string FormatNumber(double value);
// For people: few significant digits, no exponent between 1e-9 and 1e15: "0.04123", "12345".
std::string FormatShort(double value, int digits = 4);
std::string FormatShort(const std::optional<double>& value);  // none: ""
// A share as a signed percentage: "+1.2 %", "-0.4 %".
std::string FormatPercent(double share);
// Whole nanoseconds as seconds or microseconds, exactly: "0.45", "12.000000001".
std::string FormatSeconds(std::int64_t nanos);
std::string FormatMicroseconds(std::int64_t nanos);

}  // namespace kless::experiment
