#include "emulator/experiment/run/experiment_result.h"

#include <algorithm>

namespace kless::experiment {

std::vector<std::string> WhatIfs(const ExperimentResult& result) {
  std::vector<std::string> changes;
  for (const PublishedRow& row : result.published) {
    for (const std::string& change : row.what_if) {
      if (std::find(changes.begin(), changes.end(), change) == changes.end()) {
        changes.push_back(change);
      }
    }
  }
  return changes;
}

std::string WhatIfText(const ExperimentResult& result) {
  std::string text;
  for (const std::string& change : WhatIfs(result)) text += (text.empty() ? "" : ", ") + change;
  return text;
}

}  // namespace kless::experiment
