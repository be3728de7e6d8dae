// RunSpec: one run, complete: what world, what comes in, from which start.  Seeds are apart: the
// same spec is run once per seed.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/config.h"
#include "emulator/recording.h"

namespace kless::experiment {

// kDirect: the Job is there when it is due, at no cost.  kHttp: keep-alive clients, each with one
// request in flight.  kKubectl: a process per Job.
enum class SubmitterKind { kDirect, kHttp, kKubectl };

struct RunSpec {
  Config config;  // latency profile included; seed and store path are the runner's
  // JSON text as MakeWorkload reads it; "" where a recording is the workload.
  std::string workload;
  std::shared_ptr<const Recording> recording;
  std::string folder;  // relative trace paths are looked for below it
  std::vector<std::string>
      inputs;  // files that the run reads: traces, recording, snapshot, profile
  SubmitterKind submitter = SubmitterKind::kDirect;
  int submitters = 1;  // clients or processes at once; 0: as many as there are Jobs
  bool warm = true;
  // Of a warm start of the serverless control plane: Jobs submitted and waited for before the run,
  // not counted.  -1: the workload's own Jobs, the first 100 of them.
  int warm_up_jobs = -1;
  std::vector<std::string> faults;  // JSON texts as Faults::Add reads them
  // Emulated time that a run may take after its last arrival.
  Duration limit = std::chrono::hours(1);
  std::string from;                     // snapshot that the run starts from; "": an empty table
  std::optional<Duration> snapshot_at;  // since the first submission
  bool keep_history = false;            // retain all change records
};

// From the merged tree of a scenario (see scenario.h).  The error is "path: sentence", one line per
// problem.
Result<RunSpec> MakeRunSpec(const nlohmann::json& tree, const std::string& folder);

// Keys of a scenario that MakeRunSpec reads besides the settings of kless.yaml, with a JSON schema
// of their values and a sentence of help.
struct RunKey {
  std::string path;
  std::string schema;
  std::string help;
};
const std::vector<RunKey>& RunKeys();
// Whether a setting of kless.yaml may stand in a scenario: a run has no server and no log.
bool SettingAllowed(const std::string& path);

// What each cause of `--without CAUSE` sets to nothing: path and value (JSON text).
// kInvalidArgument names the causes there are.
Result<std::vector<std::pair<std::string, std::string>>> Without(const std::string& cause);

}  // namespace kless::experiment
