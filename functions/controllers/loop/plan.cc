#include "functions/controllers/loop/plan.h"

#include <algorithm>
#include <utility>

namespace kless::controllers {

EventNote NormalNote(std::string reason, std::string message) {
  return {"Normal", std::move(reason), std::move(message), false};
}

EventNote WarningNote(std::string reason, std::string message) {
  return {"Warning", std::move(reason), std::move(message), false};
}

std::vector<std::size_t> SlowStartBatches(std::size_t count) {
  std::vector<std::size_t> batches;
  for (std::size_t size = 1; count > 0; size *= 2) {
    batches.push_back(std::min(size, count));
    count -= batches.back();
  }
  return batches;
}

}  // namespace kless::controllers
