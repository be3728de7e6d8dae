#include "emulator/experiment/input/description_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"
#include "emulator/experiment/input/input_file.h"

namespace kless::experiment {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string Shown(double number) { return fmt::format("{:.15g}", number); }

// The given value, short enough for one line.
std::string Given(const nlohmann::json& value) {
  constexpr std::size_t kShown = 60;
  const std::string text = DumpJson(value);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

}  // namespace

std::string KeyHint(const std::string& word, const std::vector<std::string>& known) {
  const auto near = NearestWord(word, known);
  return near ? "; did you mean '" + *near + "'?" : "; known are " + Join(known);
}

DescriptionKeys::DescriptionKeys(const nlohmann::json& map, std::string place,
                                 const std::vector<std::string>& known)
    : map_(map), place_(std::move(place)) {
  if (!map_.is_object()) {
    Fail(MakeError(ErrorCode::kInvalidArgument,
                   place_ + " must be a map with the keys " + Join(known) + ", not " + Given(map)));
    return;
  }
  for (const auto& [key, value] : map_.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    Fail(MakeError(ErrorCode::kInvalidArgument,
                   place_ + ": unknown key '" + key + "'" + KeyHint(key, known)));
    return;
  }
}

bool DescriptionKeys::Has(const std::string& key) const {
  return map_.is_object() && map_.contains(key);
}

const nlohmann::json& DescriptionKeys::At(const std::string& key) const { return map_.at(key); }

std::int64_t DescriptionKeys::Integer(const std::string& key, std::int64_t low, std::int64_t high,
                                      std::optional<std::int64_t> fallback) {
  const std::string range =
      "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!Has(key)) {
    if (!fallback) Report(key, "is missing; it " + range);
    return fallback.value_or(low);
  }
  const nlohmann::json& value = At(key);
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() &&
                      value.get<std::uint64_t>() > static_cast<std::uint64_t>(high)) &&
                    value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high;
  if (fits) return value.get<std::int64_t>();
  Report(key, range + ", not " + Given(value));
  return low;
}

double DescriptionKeys::Number(const std::string& key, std::optional<double> fallback, double high,
                               bool zero_too) {
  const std::string range = zero_too ? "must be a number from 0 to " + Shown(high)
                                     : "must be a number above 0, at most " + Shown(high);
  if (!Has(key)) {
    if (!fallback) Report(key, "is missing; it " + range);
    return fallback.value_or(1);
  }
  const nlohmann::json& value = At(key);
  if (value.is_number()) {
    const double number = value.get<double>();
    if ((zero_too ? number >= 0 : number > 0) && number <= high) return number;
  }
  Report(key, range + ", not " + Given(value));
  return 1;
}

double DescriptionKeys::Positive(const std::string& key, double high,
                                 std::optional<double> fallback) {
  return Number(key, fallback, high, false);
}

double DescriptionKeys::NotNegative(const std::string& key, double high, double fallback) {
  return Number(key, fallback, high, true);
}

Duration DescriptionKeys::Time(const std::string& key, std::optional<Duration> fallback) {
  static const std::string kForm =
      "must be milliseconds or a text like \"5s\" or \"1m30s\", from 0 to 366 days";
  if (!Has(key)) {
    if (!fallback) Report(key, "is missing; it " + kForm);
    return fallback.value_or(Duration::zero());
  }
  const nlohmann::json& value = At(key);
  std::optional<Duration> time;
  if (value.is_number()) {
    const double milliseconds = value.get<double>();
    if (milliseconds >= 0 && milliseconds <= kWorkloadMaxSeconds * 1e3) {
      time = FromMilliseconds(milliseconds);
    }
  } else if (value.is_string()) {
    time = ParseDuration(value.get_ref<const std::string&>());
  }
  if (time && ToMilliseconds(*time) <= kWorkloadMaxSeconds * 1e3) return *time;
  Report(key, kForm + ", not " + Given(value));
  return Duration::zero();
}

bool DescriptionKeys::Flag(const std::string& key, bool fallback) {
  if (!Has(key)) return fallback;
  if (At(key).is_boolean()) return At(key).get<bool>();
  Report(key, "must be true or false, not " + Given(At(key)));
  return fallback;
}

std::string DescriptionKeys::Choice(const std::string& key, const std::vector<std::string>& choices,
                                    const std::string& fallback) {
  if (!Has(key)) return fallback;
  const nlohmann::json& value = At(key);
  const std::string word = value.is_string() ? value.get<std::string>() : "";
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return word;
  std::string problem = "must be one of " + Join(choices) + ", not " + Given(value);
  if (const auto near = NearestWord(word, choices)) problem += "; did you mean '" + *near + "'?";
  Report(key, problem);
  return fallback;
}

std::string DescriptionKeys::File(const std::string& key, const std::string& folder,
                                  bool required) {
  namespace fs = std::filesystem;
  if (!Has(key)) {
    if (required) Report(key, "is missing; it must be the path of a file");
    return "";
  }
  const nlohmann::json& value = At(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    Report(key, "must be the path of a file, not " + Given(value));
    return "";
  }
  const std::string& name = value.get_ref<const std::string&>();
  std::error_code failure;
  if (const fs::path found = InputPath(name, folder); fs::is_regular_file(found, failure)) {
    return found.string();
  }
  std::vector<fs::path> places;
  if (fs::path(name).is_relative()) {
    if (!folder.empty()) places.push_back(fs::path(folder) / name);
    const fs::path here = fs::current_path(failure) / name;
    if (places.empty() ||
        fs::absolute(places[0], failure).lexically_normal() != here.lexically_normal()) {
      places.push_back(here);
    }
  } else {
    places.emplace_back(name);
  }
  std::string tried;
  for (const fs::path& place : places) {
    if (ConfigTextExists(place.string())) return place.string();
    if (fs::is_directory(place, failure)) {
      Report(key, "must be a file, but " + place.string() + " is a folder");
      return "";
    }
    tried += (tried.empty() ? "" : " and ") + place.string();
  }
  // A path that begins with "configs/" is found from every folder.
  if (ConfigTextExists(name)) return name;
  Fail(MakeError(ErrorCode::kNotFound,
                 Place(key) + ": the file '" + name + "' does not exist; looked for " + tried));
  return "";
}

void DescriptionKeys::Report(const std::string& key, const std::string& problem) {
  Fail(MakeError(ErrorCode::kInvalidArgument, Place(key) + " " + problem));
}

void DescriptionKeys::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace kless::experiment
