#include "functions/kubernetes/values/index_list.h"

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::kubernetes {

namespace {

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(quoted, text);
  return quoted;
}

std::string NotIncreasing(std::int64_t previous, std::int64_t current) {
  return "non-increasing order, previous: " + std::to_string(previous) +
         ", current: " + std::to_string(current);
}

// Parses one end of an interval; an error goes to `problem`.
std::int64_t ParseIndex(std::string_view text, std::int64_t completions, std::string& problem) {
  // Go's Atoi accepts a sign.
  const auto index = ParseInteger(text.starts_with('+') ? text.substr(1) : text);
  if (!index) {
    problem = "cannot convert string to integer for index: " + Quoted(text);
    return 0;
  }
  if (*index >= completions) problem = "too large index: " + Quoted(text);
  return *index;
}

std::pair<std::int64_t, std::int64_t> ParseInterval(std::string_view text, std::int64_t completions,
                                                    std::string& problem) {
  const auto ends = Split(text, '-');
  if (ends.size() > 2) {
    problem = "the fragment " + Quoted(text) +
              " violates the requirement that an index interval can have at most two parts "
              "separated by '-'";
    return {};
  }
  const std::int64_t first = ParseIndex(ends[0], completions, problem);
  if (!problem.empty() || ends.size() == 1) return {first, first};
  const std::int64_t last = ParseIndex(ends[1], completions, problem);
  if (problem.empty() && first >= last) problem = NotIncreasing(first, last);
  return {first, last};
}

}  // namespace

IndexList ParseIndexList(std::string_view text, std::int64_t completions) {
  IndexList list;
  if (text.empty()) return list;
  for (const std::string_view fragment : Split(text, ',')) {
    std::string problem;
    const auto interval = ParseInterval(fragment, completions, problem);
    if (problem.empty() && !list.intervals.empty() &&
        list.intervals.back().second >= interval.first) {
      problem = NotIncreasing(list.intervals.back().second, interval.first);
    }
    if (!problem.empty()) {
      list = IndexList();
      list.problem = std::move(problem);
      return list;
    }
    list.total += interval.second - interval.first + 1;
    list.intervals.push_back(interval);
  }
  return list;
}

}  // namespace kless::kubernetes
