#include "store/invocation_log.h"

namespace kless {

const char* StartKindName(StartKind kind) {
  switch (kind) {
    case StartKind::kCold:
      return "cold";
    case StartKind::kWaited:
      return "waited";
    case StartKind::kWarm:
      return "warm";
  }
  return "warm";
}

}  // namespace kless
