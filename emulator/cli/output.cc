#include "emulator/cli/output.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::cli {

CLI::Option* AddOutputFlag(CLI::App& command, std::string* output) {
  return command.add_option("-o,--output", *output, "text or json (text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
}

std::string FlushOutput() {
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  int reason = errno;
  if (flushed && std::ferror(stdout) == 0) return "";
  if (flushed) {  // an earlier write failed, and its reason is lost: the next one has it again
    errno = 0;
    std::putchar('\n');
    std::fflush(stdout);
    reason = errno;
  }
  if (reason == EPIPE) return "";
  return reason == 0 ? ": it was written in part" : std::string(": ") + std::strerror(reason);
}

void PrintJson(const nlohmann::json& value) {
  const auto replace = nlohmann::json::error_handler_t::replace;
  std::printf("%s\n", value.dump(2, ' ', false, replace).c_str());
}

void PrintJsonLine(const nlohmann::json& value) { std::printf("%s\n", DumpJson(value).c_str()); }

std::string Cell(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "-";
  return found->is_string() ? found->get<std::string>() : DumpJson(*found);
}

std::string NumberCell(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_float()) return Cell(object, key);
  return ThreeDigits(found->get<double>());
}

std::string ThreeDigits(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 99.95) return fmt::format("{:.0f}", value);
  if (magnitude < 1e-9) return "0";
  // Decimals that leave three digits after rounding: 9.999 is 10, and 0.0099996 is 0.01.
  const double rounded = std::strtod(fmt::format("{:.2e}", value).c_str(), nullptr);
  const int decimals = 2 - static_cast<int>(std::floor(std::log10(std::abs(rounded))));
  std::string digits = fmt::format("{:.{}f}", rounded, decimals);
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

std::string BytesText(double bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return ThreeDigits(bytes) + " " + kUnits[unit];
}

}  // namespace kless::cli
