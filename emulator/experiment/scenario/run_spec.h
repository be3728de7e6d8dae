// RunSpec: the complete description of one run: the world, the workload, and the start.  It has no
// seed: the same spec is run once per seed.
#pragma once

#include <map>
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

// kDirect: the Job exists when it is due, at no cost. kHttp: keep-alive clients, each with one
// request in flight. kKubectl: one process per Job.
enum class SubmitterKind { kDirect, kHttp, kKubectl };

// A value of a scenario that is not a setting of kless.yaml: "profile.feed_delivery", "0", and
// "--without feed".
struct GivenValue {
  std::string path, text, origin;
};

struct RunSpec {
  Config config;  // includes the latency profile; the runner sets seed and store path
  // JSON text as in MakeWorkload; "" if a recording is the workload.
  std::string workload;
  std::shared_ptr<const Recording> recording;
  std::string folder;  // relative trace paths are searched below it
  std::vector<std::string>
      inputs;  // files that the run reads: traces, recording, snapshot, profile
  SubmitterKind submitter = SubmitterKind::kDirect;
  int submitters = 1;  // concurrent clients or processes; 0: as many as there are Jobs
  bool warm = true;
  // For a warm start of the serverless control plane: the number of Jobs submitted and awaited
  // before the run, which are not counted. -1: the workload's own Jobs, the first 100 of them.
  int warm_up_jobs = -1;
  std::vector<std::string> faults;  // JSON texts as in Faults::Add
  // The emulated time that a run may take after its last arrival.
  Duration limit = std::chrono::hours(1);
  std::string from;                     // snapshot that the run starts from; "": an empty table
  std::optional<Duration> snapshot_at;  // since the first submission
  bool keep_history = false;            // keep all change records
  std::vector<GivenValue> others;       // all but the workload, by path
};

// Makes the spec from the merged tree of a scenario (see scenario.h).  `origins` says where a value
// was given ("--set PATH") if it is not in the file.  The error has one line per problem,
// "path: sentence".
Result<RunSpec> MakeRunSpec(const nlohmann::json& tree, const std::string& folder,
                            const std::map<std::string, std::string>& origins = {});

// Keys of a scenario that MakeRunSpec reads in addition to the settings of kless.yaml, with a JSON
// schema of their values and a sentence of help.
struct RunKey {
  std::string path;
  std::string schema;
  std::string help;
};
const std::vector<RunKey>& RunKeys();
// Whether a setting of kless.yaml may be in a scenario: a run has no server and no log.
bool SettingAllowed(const std::string& path);

// The paths and values (JSON text) that remove a cause for `--without CAUSE`. kInvalidArgument
// lists the causes.
Result<std::vector<std::pair<std::string, std::string>>> Without(const std::string& cause);

}  // namespace kless::experiment
