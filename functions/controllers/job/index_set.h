// IndexSet: completion indexes as intervals, and their text form "0,2-4,6".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::controllers {

class IndexSet {
 public:
  // Two neighbours are written with a comma ("1,2"), three or more as "1-3".  Parsing ignores
  // indexes from `completions` on, and text of another form.
  static IndexSet Parse(std::string_view text, std::int64_t completions);
  std::string ToString() const;

  bool Contains(std::int64_t index) const;
  // `indexes` in any order, with or without duplicates.
  void Add(std::vector<std::int64_t> indexes);
  std::int64_t Count() const;
  std::int64_t CountCommon(const IndexSet& other) const;
  void Add(const IndexSet& other);

  // The lowest `count` indexes below `completions` that are neither in this set nor in `taken`
  // (sorted).
  std::vector<std::int64_t> FirstFree(std::size_t count, std::int64_t completions,
                                      const std::vector<std::int64_t>& taken) const;

 private:
  using Interval = std::pair<std::int64_t, std::int64_t>;  // both ends are included
  void Append(Interval interval);
  std::vector<Interval> intervals_;  // ascending, with gaps between them
};

}  // namespace kless::controllers
