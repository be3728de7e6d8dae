// Comparison: the cases of two results, paired by control plane, start, latency profile, swept
// values and workload, whatever their scenario or file is called.  A property in which all cases of
// one side differ from all of the other (serverless from classic, cold from warm, a value of
// --set) does not prevent a pair: it is what is compared.  Another workload does, unless the cases
// have the same name: the scenario's text was edited.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

// A metric of one case over its runs: the median, and the band from the lowest to the highest.
struct ComparedValue {
  std::string metric, unit;
  double value = 0, low = 0, high = 0;
  std::size_t n = 1;
};

struct ComparedCase {
  std::string name;
  std::string entry;  // of the scenario's `cases`; "": it has none
  // "control_plane", "start", "latency profile", "workload", and each swept path.
  std::map<std::string, std::string> is;
  std::vector<ComparedValue> values;  // in the order of the file

  const ComparedValue* Find(const std::string& metric) const;  // null if it has none
};

// One side of a comparison: cases of a folder of results.
struct ComparedSide {
  std::string folder;
  std::vector<ComparedCase> cases;
};

// kNotFound: there is no such folder.  kInvalidArgument: its summary.json cannot be read.
Result<ComparedSide> ReadComparedSide(const std::string& folder);

// Keeps the cases that match `selector`: a name, an entry, or "start=cold,memory_mb=128" (the last
// word of a swept path suffices).  kNotFound: none matches; the error lists the names.
Result<void> SelectCases(const std::string& flag, const std::string& selector, ComparedSide* side);

struct ComparisonPairs {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;  // indices into the cases of A and B
  // How A differs from B in every pair: the property, A's value, B's value ("" if it has none).
  struct Difference {
    std::string what, a, b;
  };
  std::vector<Difference> differences;
};

// `chosen`: the user named both sides, so that one case of each always makes a pair.  kNotFound: no
// case is common; the error is one line with the names of both sides, why, and the remedy.
Result<ComparisonPairs> PairCases(const ComparedSide& a, const ComparedSide& b, bool chosen);

// Splits the cases of one folder in two: cold and warm, else serverless and classic, else the only
// two.  kInvalidArgument: there is no such pair; the error names the cases and the remedy.
Result<std::pair<ComparedSide, ComparedSide>> SplitCases(const ComparedSide& whole);

}  // namespace kless::experiment
