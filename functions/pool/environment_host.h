// EnvironmentHost: gives the environments of a function a life outside of the pool, such as a
// process each.  The pool decides when an environment begins and ends; its host does it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "emulator/base/clock.h"

namespace kless {

// Why an environment could not be initialised.
struct InitFailure {
  std::string message;     // "Error: Runtime exited with error: exit status 1"
  std::string error_type;  // "Runtime.ExitError"
  // What the caller gets: {"errorMessage", "errorType", ...}; "": made of the two above.
  std::string error_body;
};

struct EnvironmentStart {
  std::string environment;  // its name
  bool provisioned =
      false;              // AWS_LAMBDA_INITIALIZATION_TYPE: provisioned-concurrency, or on-demand
  Duration init_limit{};  // of emulated time, then it is ended and `ended` gets a failure
  int memory_mb = 0;
};

class EnvironmentHost {
 public:
  // Called once, in a step of its own, when the init has ended; never after End().
  using InitEnded = std::function<void(std::optional<InitFailure> failure)>;

  virtual ~EnvironmentHost() = default;
  virtual void Start(const EnvironmentStart& start, InitEnded ended) = 0;
  // The environment is gone: reclaimed, timed out, crashed, or its function was removed or changed.
  // Nothing of it may remain.
  virtual void End(const std::string& environment) = 0;
};

}  // namespace kless
