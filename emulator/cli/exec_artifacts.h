// ExecArtifacts: the files that `kless exec --artifacts DIR` leaves of a run, to find out why it
// failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::cli {

// One run of a command under a daemon.
struct ExecRun {
  std::vector<std::string> command;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> settings;  // values by path, including the seed
  int exit_code = 0;
  std::chrono::milliseconds took{};
};

// Returns junit.xml: the command as one test case, with the seed as a property.
std::string ExecJunit(const ExecRun& run);
// Returns settings.yaml: a config file that repeats the run.
std::string ExecSettingsYaml(const ExecRun& run);

// Writes feed.jsonl, invocations.jsonl and status.json from the daemon at `endpoint` into the
// existing `folder`.  kUnavailable: the daemon does not reply, or a file cannot be written.
Result<void> SaveDaemonState(const std::string& endpoint, const std::string& folder);
// Writes junit.xml, settings.yaml and seed.txt.
Result<void> SaveRun(const ExecRun& run, const std::string& folder);

}  // namespace kless::cli
