// Runs independent tasks in child processes, a few at a time.
//
// A child is a fork of this process: it may read whatever the parent had, and returns a text
// through a pipe.  REQUIRES: the process has one thread.  Results come back in the order of the
// tasks, whatever the number of processes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

// task(i) runs in a child and returns its text; what it throws or an exit otherwise becomes
// kInternal.  done(i): in the parent, after each result.  interrupted(): asked while waiting; true
// ends all children and returns kCancelled.  The first error ends all children.
Result<std::vector<std::string>> RunInProcesses(
    std::size_t tasks, int processes, const std::function<Result<std::string>(std::size_t)>& task,
    const std::function<void(std::size_t)>& done, const std::function<bool()>& interrupted);

// How many can work at once here.
int ProcessorCount();

// SIGINT or SIGTERM since CatchInterrupts.  A second one ends the process at once.
void CatchInterrupts();
bool Interrupted();

}  // namespace kless
