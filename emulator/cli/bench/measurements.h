// What `kless bench` measures.
#pragma once

#include <string>
#include <vector>

namespace kless::cli {

// One line of the table; a measurement may answer several.
struct BenchLine {
  std::string what, budget, measured;
  bool met = false;
  std::string beside;  // CPU time beside the wall time, or what explains the figure
};

struct BenchMeasurement {
  const char* name;
  // Throws if it cannot be made.  Made for a process of its own.
  std::vector<BenchLine> (*run)();
};

// In the order of the table.
const std::vector<BenchMeasurement>& BenchMeasurements();

}  // namespace kless::cli
