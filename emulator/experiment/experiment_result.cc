#include "emulator/experiment/experiment_result.h"

#include <cmath>

namespace kless::experiment {

const char* EvidenceName(Evidence evidence) {
  switch (evidence) {
    case Evidence::kInput:
      return "input";
    case Evidence::kFitted:
      return "fitted";
    case Evidence::kPredicted:
      return "predicted";
  }
  return "";
}

bool PublishedRow::ok() const { return std::abs(relative_error) <= tolerance; }

}  // namespace kless::experiment
