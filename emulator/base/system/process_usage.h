// ProcessUsage: the resources that this process uses, under the names that the metrics of other
// daemons use.
#pragma once

#include <cstdint>

namespace kless {

struct ProcessUsage {
  double cpu_seconds = 0;  // user and system, all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t max_virtual_bytes = 0;  // the soft limit; 2^64 - 1: none
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;    // the soft limit
  double start_unix_seconds = 0;  // 0 if unknown
};

// Reads /proc/self; members that cannot be read are 0.
ProcessUsage ReadProcessUsage();

}  // namespace kless
