// Small text helpers shared by every layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kless {

std::vector<std::string_view> Split(std::string_view text, char separator);
// The text without the `blanks` at its beginning and its end.
std::string_view Trim(std::string_view text, std::string_view blanks = " \t");
// Only ASCII letters are converted.
std::string LowerCase(std::string text);
// The number of columns that the texts of the command line use.
inline constexpr std::size_t kTextWidth = 100;
// Breaks lines at blanks so that none is longer than `width` columns; words are never cut.
std::string Wrapped(const std::string& text, std::size_t width);
// Accepts only decimal digits (with an optional leading '-' if signed); nullopt otherwise or on
// overflow.
std::optional<std::uint64_t> ParseUnsigned(std::string_view text);
std::optional<std::int64_t> ParseInteger(std::string_view text);

// Formats RFC 3339 in UTC: seconds ("2026-01-01T00:00:00Z") as Kubernetes' Time, microseconds as
// MicroTime.
std::string FormatTime(std::int64_t unix_nanos);
std::string FormatMicroTime(std::int64_t unix_nanos);
// Accepts both, any fraction and offset, clamped to 1748..2191; nullopt if it is not RFC 3339.
std::optional<std::int64_t> ParseTime(std::string_view text);

// The candidate with the smallest edit distance to `word`, if it is near enough to be a suggestion.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates);
// Returns the end of an error message: "; did you mean 'memory_mb'?", or "" if no candidate is
// similar enough.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

// Returns the word as a shell reads it: in single quotes if it is not plain.
std::string ShellWord(std::string_view word);

// Lowercase hexadecimal: two digits a byte, and the 16 digits of a number.
std::string HexEncode(std::string_view bytes);
std::string HexDigits(std::uint64_t number);
// Lowercase hexadecimal SHA-256.
std::string Sha256Hex(std::string_view bytes);
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace kless
