// Coverage: counts the events in the stories of a sweep, so that a sweep in which something never
// happened is noticed.
#pragma once

#include <map>
#include <string>

#include "tests/harness/checker.h"
#include "tests/harness/story.h"

namespace kless::harness {

class Coverage {
 public:
  // "fault crash", "job Indexed", "ended Failed DeadlineExceeded", ...
  void Count(const std::string& what, std::uint64_t times = 1) { counts_[what] += times; }
  std::uint64_t Of(const std::string& what) const;

  // Counts the Jobs and events of a story.
  void CountStory(const Story& story);
  // Counts how its Jobs ended.
  void CountEnds(const Checker& checker);
  void Merge(const Coverage& other);

  // One line: "classic 12, fault crash 40, ...".
  std::string ToText() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace kless::harness
