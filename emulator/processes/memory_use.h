// The memory of a process and of all that it has started.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace kless::processes {

// The process and its descendants, each parent before its children.  Those that a descendant has
// left behind are children of the first process of a PID namespace, and among them.
std::vector<pid_t> TreeOf(pid_t process);

// Bytes of memory that these processes occupy, as in VmRSS.  Pages that several share count once
// for each, as nothing short of reading smaps tells them apart.
std::int64_t ResidentBytes(const std::vector<pid_t>& processes);

}  // namespace kless::processes
