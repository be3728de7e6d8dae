// ExecArtifacts: the files that `kless exec --artifacts DIR` leaves of a run, to find out why it
// failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
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

// The folder of the artifacts.  Files that no earlier run wrote there (base/system/file_list.h) are
// neither removed nor replaced.
class ArtifactFolder {
 public:
  explicit ArtifactFolder(std::string path) : path_(std::move(path)) {}

  // Creates the folder, and removes what an earlier run wrote there, except the file `spared`
  // (a config file that is read again; may be empty).  kUnavailable: it cannot be made.
  Result<void> Prepare(const std::string& spared) const;
  // Returns the path under which the file may be written.  kAlreadyExists: a file that kless did
  // not write has that name.
  Result<std::string> Claim(const std::string& name) const;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// Writes feed.jsonl, invocations.jsonl and status.json from the daemon at `endpoint`.  Errors name
// the first file that is not written, and why: the daemon does not reply, or the file cannot be
// written.
Result<void> SaveDaemonState(const std::string& endpoint, const ArtifactFolder& folder);
// Writes junit.xml, settings.yaml and seed.txt, likewise.
Result<void> SaveRun(const ExecRun& run, const ArtifactFolder& folder);
// Copies a file into the folder under this name, likewise.
Result<void> SaveCopy(const std::string& from, const std::string& name,
                      const ArtifactFolder& folder);

}  // namespace kless::cli
