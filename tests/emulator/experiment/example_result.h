// An experiment's result as the runner returns it, made up by a fixed rule: the input for tests of
// outputs.
#pragma once

#include "emulator/experiment/run/experiment_result.h"

namespace kless::experiment {

struct ExampleSize {
  int repeats = 3;
  int jobs = 100;       // of one pod in group fig-5.2a, or of one Job in fig-5.2b
  bool sweep = true;    // six cases over two settings, with a heat map
  bool trace = true;    // a case of invocations with an ideal duration
  int group_count = 1;  // how often both groups appear
};

// For tests that draw figures.
constexpr ExampleSize kSmallExample{.repeats = 2, .jobs = 20, .sweep = false};

// Serverless cold and warm and classic, in groups fig-5.2a and fig-5.2b; published rows of all
// kinds; thresholds, one of which is broken.
ExperimentResult ExampleResult(const ExampleSize& size = {});

}  // namespace kless::experiment
