#include "emulator/experiment/scenario/published_row.h"

#include <cmath>

#include "emulator/base/number_text.h"

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

std::string PublishedRow::PublishedText() const {
  const std::string suffix = unit.empty() ? "" : " " + unit;
  if (published) return FormatShort(*published) + suffix;
  if (at_least && at_most) {
    return FormatShort(*at_least) + " to " + FormatShort(*at_most) + suffix;
  }
  if (at_least) return "> " + FormatShort(*at_least) + suffix;
  if (at_most) return "< " + FormatShort(*at_most) + suffix;
  return "";
}

}  // namespace kless::experiment
