// Why a patch cannot be applied, in the API server's words.
#pragma once

#include <string>

namespace kless::kubernetes {

struct PatchProblem {
  int code = 400;  // 400, 413, 422 or 500
  std::string message;
};

}  // namespace kless::kubernetes
