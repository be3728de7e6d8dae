#include "functions/controllers/job/index_set.h"

#include <algorithm>

#include "emulator/base/strings.h"

namespace kless::controllers {

IndexSet IndexSet::Parse(std::string_view text, std::int64_t completions) {
  IndexSet set;
  if (text.empty()) return set;
  for (const std::string_view part : Split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = ParseInteger(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : ParseInteger(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *first >= completions) break;
    if (!set.intervals_.empty() && *first <= set.intervals_.back().second) break;
    set.Append({*first, std::min(*last, completions - 1)});
  }
  return set;
}

void IndexSet::Append(Interval interval) {
  if (!intervals_.empty() && intervals_.back().second + 1 >= interval.first) {
    intervals_.back().second = std::max(intervals_.back().second, interval.second);
  } else {
    intervals_.push_back(interval);
  }
}

std::string IndexSet::ToString() const {
  std::string text;
  for (const auto& [first, last] : intervals_) {
    if (!text.empty()) text += ',';
    text += std::to_string(first);
    if (last == first) continue;
    text += last == first + 1 ? ',' : '-';
    text += std::to_string(last);
  }
  return text;
}

bool IndexSet::Contains(std::int64_t index) const {
  const auto after = std::upper_bound(
      intervals_.begin(), intervals_.end(), index,
      [](std::int64_t value, const Interval& interval) { return value < interval.first; });
  return after != intervals_.begin() && std::prev(after)->second >= index;
}

void IndexSet::Add(std::vector<std::int64_t> indexes) {
  if (indexes.empty()) return;
  std::sort(indexes.begin(), indexes.end());
  const std::vector<Interval> before = std::move(intervals_);
  intervals_.clear();
  auto interval = before.begin();
  for (const std::int64_t index : indexes) {
    while (interval != before.end() && interval->first <= index) Append(*interval++);
    Append({index, index});
  }
  while (interval != before.end()) Append(*interval++);
}

std::int64_t IndexSet::Count() const {
  std::int64_t count = 0;
  for (const auto& [first, last] : intervals_) count += last - first + 1;
  return count;
}

std::int64_t IndexSet::CountCommon(const IndexSet& other) const {
  std::int64_t count = 0;
  auto theirs = other.intervals_.begin();
  for (const auto& [first, last] : intervals_) {
    while (theirs != other.intervals_.end() && theirs->second < first) ++theirs;
    for (auto it = theirs; it != other.intervals_.end() && it->first <= last; ++it) {
      count += std::min(last, it->second) - std::max(first, it->first) + 1;
    }
  }
  return count;
}

void IndexSet::Add(const IndexSet& other) {
  std::vector<Interval> all = std::move(intervals_);
  all.insert(all.end(), other.intervals_.begin(), other.intervals_.end());
  std::sort(all.begin(), all.end());
  intervals_.clear();
  for (const Interval& interval : all) Append(interval);
}

std::vector<std::int64_t> IndexSet::FirstFree(std::size_t count, std::int64_t completions,
                                              const std::vector<std::int64_t>& taken) const {
  std::vector<std::int64_t> free;
  auto interval = intervals_.begin();
  auto other = taken.begin();
  for (std::int64_t index = 0; index < completions && free.size() < count; ++index) {
    while (interval != intervals_.end() && interval->second < index) ++interval;
    if (interval != intervals_.end() && interval->first <= index) {
      index = interval->second;
      continue;
    }
    while (other != taken.end() && *other < index) ++other;
    if (other != taken.end() && *other == index) continue;
    free.push_back(index);
  }
  return free;
}

}  // namespace kless::controllers
