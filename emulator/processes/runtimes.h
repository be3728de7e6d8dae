// Runtimes: what program runs a function's code, and the runtime clients that come with kless.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/system/scratch_folder.h"
#include "functions/pool/function_code.h"

namespace kless::processes {

// Where a function sees its parts: as on Lambda, or at their places on this machine.
struct FunctionPlaces {
  std::string task;     // LAMBDA_TASK_ROOT
  std::string runtime;  // LAMBDA_RUNTIME_DIR
  std::string layers;   // "/opt"; "" if there are none and no place of their own
};

// The clients as files of this process, written at the first use: bootstrap.py, bootstrap.mjs.
class RuntimeClients {
 public:
  // kUnavailable: they cannot be written.
  Result<std::string> Folder();

 private:
  std::unique_ptr<ScratchFolder> folder_;
};

// The arguments of the program: python3 or node with the client of that runtime, else the program
// `bootstrap` of the code or of a layer.  kInvalidArgument: it is not there; the message names it
// and the remedy.
Result<std::vector<std::string>> ProgramOf(const FunctionCode& code, const FunctionPlaces& places);

}  // namespace kless::processes
