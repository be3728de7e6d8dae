// Measurements of the daemon's doors: CPU time of the daemon; the load generator is another
// process.
#pragma once

#include <vector>

#include "emulator/cli/bench/measurements.h"

namespace kless::cli {

// Creates and gets through the Kubernetes door over 64 connections, compared with the bare HTTP
// door and, if `etcd` is installed, its JSON gateway.
std::vector<BenchLine> MeasureRequests();
// 100 watches on 10,000 pods.
std::vector<BenchLine> MeasureWatches();
// 10,000 pods in one list, in pages, as a Table.
std::vector<BenchLine> MeasureLists();

}  // namespace kless::cli
