// `kless experiment compare`: sets two results, or two cases of one, side by side.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

struct CompareOptions {
  std::string a = {};       // folder of results
  std::string b = {};       // another one; "": both sides are cases of `a`
  std::string case_a = {};  // which cases, as SelectCases takes them (comparison.h); "": all
  std::string case_b = {};
  std::vector<std::string> metrics = {};  // only these; empty: the headline, then what differs
  bool json = false;
};

// `kless experiment compare A [B]`: cases that are alike (comparison.h) side by side: the headline
// first (last pod, median and 99th percentile, cold starts, cost), then the other metrics that
// differ, with their ratio and, where there are several runs, both bands and whether they are
// apart. As JSON: {"a", "b": folders, "differences": [{"what", "a", "b"}], "cases": [{"a", "b":
// names, "metrics": [{"metric", "unit", "headline", "a", "b": {"value", "low", "high", "n"} or
// null, "ratio", "bands_apart": null for single runs}]}], "only_a", "only_b": names}. kNotFound: no
// such folder, case or metric, or no case in common.  kInvalidArgument: not a summary, or a folder
// that has no two sides.
Result<std::string> CompareSummaries(const CompareOptions& options);

}  // namespace kless::experiment
