#include "store/store.h"

#include <cstdio>
#include <cstdlib>

#include "emulator/base/loop/command.h"
#include "emulator/base/system/log.h"

namespace kless {

const char* DurabilityName(Durability durability) {
  switch (durability) {
    case Durability::kFull:
      return "full";
    case Durability::kNormal:
      return "normal";
    case Durability::kScratch:
      return "scratch";
    case Durability::kMemory:
      return "memory";
  }
  return "memory";
}

void EndProcessOnStoreFailure(const std::string& what) {
  if (LogEnabled(LogLevel::kError)) {
    Log(LogLevel::kError, "store", what);
  } else {
    std::fprintf(stderr, "%s\n", what.c_str());
  }
  KillRunningCommands();
  std::_Exit(kStoreFailureExitCode);
}

}  // namespace kless
