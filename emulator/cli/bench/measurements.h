// The measurements of `kless bench`.
#pragma once

#include <string>
#include <vector>

namespace kless::cli {

// One line of the table; a measurement may return several.
struct BenchLine {
  std::string what, budget, measured;
  bool met = false;
  std::string beside;  // CPU time in addition to real time, or an explanation of the figure
};

struct BenchMeasurement {
  const char* name;
  // Throws if it cannot be measured.  Runs in a process of its own.
  std::vector<BenchLine> (*run)();
};

// In the order of the table.
const std::vector<BenchMeasurement>& BenchMeasurements();

}  // namespace kless::cli
