// Run: one world, one workload, one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/base/error.h"
#include "emulator/experiment/measures/run_result.h"
#include "emulator/experiment/scenario/run_spec.h"

namespace kless::experiment {

struct RunOptions {
  bool real = false;     // real time instead of virtual: the same model, but not the same bytes
  std::string database;  // the run's SQLite file is left here; "": not kept
  std::string snapshot;  // where RunSpec::snapshot_at is saved
  // Called now and then; true ends the run with kCancelled.  May be null.
  std::function<bool()> interrupted;
};

// In virtual time, equal spec, seed and release give an equal result and an equal database.  A run
// whose Jobs do not get their pods within the limit has a `problem`, which is not an error.
// Errors: the world cannot be created, a file cannot be written, kCancelled.
Result<RunResult> Run(const RunSpec& spec, std::uint64_t seed, const RunOptions& options);

}  // namespace kless::experiment
