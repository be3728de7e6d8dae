// Runs independent tasks in child processes, a few at a time.
//
// A child is a fork of this process: it can read the parent's memory, and returns a text through a
// pipe.  The process must have only one thread.  Results are in the order of the tasks, whatever
// the number of processes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

// task(i) runs in a child and returns its text; an exception or another exit becomes kInternal.
// done(i) is called in the parent after each result. interrupted() is called while waiting; true
// ends all children and returns kCancelled.  The first error ends all children.
Result<std::vector<std::string>> RunInProcesses(
    std::size_t tasks, int processes, const std::function<Result<std::string>(std::size_t)>& task,
    const std::function<void(std::size_t)>& done, const std::function<bool()>& interrupted);

// The number of processors available to this process.
int ProcessorCount();

// Whether SIGINT, SIGTERM or SIGHUP arrived since CatchInterrupts.  A second one ends the process
// at once, with a line on standard error that unfinished files stay.  SIGHUP stays ignored where it
// is (nohup).
void CatchInterrupts();
bool Interrupted();

}  // namespace kless
