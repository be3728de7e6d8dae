#include "functions/controllers/control_loop.h"

namespace kless::controllers {

const std::vector<ControlLoop>& ControlLoops() {
  static const std::vector<ControlLoop> kLoops = {};
  return kLoops;
}

}  // namespace kless::controllers
