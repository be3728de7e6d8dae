#include "functions/kubernetes/values/cron_schedule.h"

#include <algorithm>
#include <vector>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::kubernetes {

namespace {

struct Bounds {
  std::int64_t min, max;
  std::vector<std::string> names;  // names of min, min + 1, ...
};

const Bounds& BoundsOf(std::size_t field) {
  static const Bounds kBounds[] = {
      {0, 59, {}},
      {0, 23, {}},
      {1, 31, {}},
      {1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
      {0, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}};
  return kBounds[field];
}

struct FieldProblem {
  std::string text;
};

std::vector<std::string> Pieces(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  for (const std::string_view piece : Split(text, separator)) pieces.emplace_back(piece);
  return pieces;
}

std::int64_t ScheduleNumber(const std::string& text) {
  const auto number = ParseInteger(text);
  if (!number) {
    std::string quoted;
    AppendJsonString(quoted, text);
    throw FieldProblem{"failed to parse int from " + text + ": strconv.Atoi: parsing " + quoted +
                       ": invalid syntax"};
  }
  if (*number < 0) {
    throw FieldProblem{"negative number (" + std::to_string(*number) + ") not allowed: " + text};
  }
  return *number;
}

std::int64_t NumberOrName(const std::string& text, const Bounds& bounds) {
  const auto found = std::find(bounds.names.begin(), bounds.names.end(), LowerCase(text));
  if (found == bounds.names.end()) return ScheduleNumber(text);
  return bounds.min + (found - bounds.names.begin());
}

void CheckRange(const std::string& text, const Bounds& bounds) {
  const auto parts = Pieces(text, '/');
  const auto ends = Pieces(parts[0], '-');
  std::int64_t begin = bounds.min;
  std::int64_t end = bounds.max;
  if (ends[0] != "*" && ends[0] != "?") {
    begin = NumberOrName(ends[0], bounds);
    if (ends.size() > 2) throw FieldProblem{"too many hyphens: " + text};
    end = ends.size() == 2 ? NumberOrName(ends[1], bounds) : begin;
  }
  std::int64_t step = 1;
  if (parts.size() > 2) throw FieldProblem{"too many slashes: " + text};
  if (parts.size() == 2) {
    step = ScheduleNumber(parts[1]);
    if (ends.size() == 1) end = bounds.max;
  }
  if (begin < bounds.min) {
    throw FieldProblem{"beginning of range (" + std::to_string(begin) + ") below minimum (" +
                       std::to_string(bounds.min) + "): " + text};
  }
  if (end > bounds.max) {
    throw FieldProblem{"end of range (" + std::to_string(end) + ") above maximum (" +
                       std::to_string(bounds.max) + "): " + text};
  }
  if (begin > end) {
    throw FieldProblem{"beginning of range (" + std::to_string(begin) + ") beyond end of range (" +
                       std::to_string(end) + "): " + text};
  }
  if (step == 0) throw FieldProblem{"step of range should be a positive number: " + text};
}

std::optional<std::string> DescriptorProblem(const std::string& text) {
  static const std::vector<std::string> kDescriptors = {
      "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"};
  if (std::find(kDescriptors.begin(), kDescriptors.end(), text) != kDescriptors.end()) {
    return std::nullopt;
  }
  constexpr std::string_view kEvery = "@every ";
  if (text.starts_with(kEvery)) {
    const std::string rest = text.substr(kEvery.size());
    if (ParseDuration(rest).has_value()) return std::nullopt;
    std::string quoted;
    AppendJsonString(quoted, rest);
    return "failed to parse duration " + text + ": time: invalid duration " + quoted;
  }
  return "unrecognized descriptor: " + text;
}

}  // namespace

std::optional<std::string> ScheduleProblem(const std::string& schedule) {
  if (schedule.starts_with('@')) return DescriptorProblem(schedule);
  std::vector<std::string> fields;
  std::string listed;
  for (std::string& piece : Pieces(schedule, ' ')) {
    if (piece.empty()) continue;
    listed += (listed.empty() ? "" : " ") + piece;
    fields.push_back(std::move(piece));
  }
  if (fields.size() != 5) {
    return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + listed +
           "]";
  }
  try {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (const std::string& range : Pieces(fields[i], ',')) {
        if (!range.empty()) CheckRange(range, BoundsOf(i));
      }
    }
  } catch (const FieldProblem& problem) {
    return problem.text;
  }
  return std::nullopt;
}

bool IsTimeZone(const std::string& name) {
  static const std::vector<std::string> kAreas = {
      "Africa", "America", "Antarctica", "Arctic", "Asia",   "Atlantic", "Australia", "Brazil",
      "Canada", "Chile",   "Etc",        "Europe", "Indian", "Mexico",   "Pacific",   "US"};
  static const std::vector<std::string> kNames = {
      "CET",     "CST6CDT", "Cuba",      "EET",      "EST",      "EST5EDT", "Egypt",     "Eire",
      "GB",      "GMT",     "GMT0",      "HST",      "Hongkong", "Iceland", "Iran",      "Israel",
      "Jamaica", "Japan",   "Libya",     "MET",      "MST",      "MST7MDT", "NZ",        "Navajo",
      "PRC",     "PST8PDT", "Poland",    "Portugal", "ROC",      "ROK",     "Singapore", "Turkey",
      "UCT",     "UTC",     "Universal", "W-SU",     "WET",      "Zulu"};
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) {
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
  }
  return slash + 1 < name.size() &&
         std::find(kAreas.begin(), kAreas.end(), name.substr(0, slash)) != kAreas.end();
}

}  // namespace kless::kubernetes
