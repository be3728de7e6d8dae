// Shrinker: makes a failing story short.
#pragma once

#include <functional>
#include <string>

#include "tests/harness/story.h"

namespace kless::harness {

// The name of the invariant that a story violates; "" if it violates none.
using Judge = std::function<std::string(const Story&)>;

struct Shrunk {
  Story story;
  int runs = 0;  // number of calls of the judge
};

// Removes events, in halves, quarters and so on down to single ones, then settings and arguments
// one by one, as long as the same invariant is violated; makes at most `runs_max` runs.
// Deterministic if the judge is.
Shrunk Shrink(const Story& failing, const std::string& invariant, const Judge& judge,
              int runs_max = 300);

}  // namespace kless::harness
