// Filter patterns of event source mappings: what passes the check matches or does not, and an
// object of alternatives matches if one of them does.  The pattern is the first line, the record
// the rest.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "emulator/base/json.h"
#include "functions/pool/mapping/filter_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  const auto pattern = kless::ParseJson(text.substr(0, end));
  if (pattern.has_error() || kless::CheckFilterPattern(pattern.value()).has_error()) return 0;
  const auto record = kless::ParseJson(end == std::string_view::npos ? "{}" : text.substr(end + 1));
  const nlohmann::json value = record.has_value() ? record.value() : nlohmann::json();
  const bool matches = kless::MatchesFilterPattern(pattern.value(), value);
  const nlohmann::json either = {{"$or", {pattern.value(), {{"no such member", {"x"}}}}}};
  if (kless::DumpJson(either).size() > kless::kFilterPatternBytesMax) return 0;
  const bool has_it = value.is_object() && value.contains("no such member");
  if (kless::CheckFilterPattern(either).has_error()) std::abort();
  if (!has_it && kless::MatchesFilterPattern(either, value) != matches) std::abort();
  return 0;
}
