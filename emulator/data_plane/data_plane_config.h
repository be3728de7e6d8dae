// DataPlaneConfig: the number and shape of simulated nodes, and the durations of the steps of a
// pod's life.  DESIGN.md lists the annotations with which a pod overrides them.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/distribution.h"
#include "emulator/base/error.h"

namespace kless::data_plane {

// The steps of a pod's life, in order.
enum class Step {
  kImagePull,  // from when the kubelet sees the pod; may fail
  kStart,      // of a container whose turn it is
  kReady,      // from a container's start until it is ready; more than 0 costs a write
  kRun,        // until it ends by itself; has an exit code
  kExit,       // from its end until the kubelet notices
};
constexpr int kSteps = 5;
const char* StepName(Step step);  // "image-pull", "start", "ready", "run", "exit"

// One alternative of a step.  If there are several, one is drawn by weight for each attempt.
struct Stage {
  Step step{};
  Distribution delay;
  Distribution jitter;  // maximum addition, uniformly distributed
  int weight = 1;       // > 0
  bool fails = false;   // image-pull: ErrImagePull, tried again
  int exit_code = 0;    // run: 0..255
  bool oom = false;     // run: ends with 137, OOMKilled
  bool post = false;    // image-pull, start: the pod's status is written when the step begins
};

// A list of {"step":"run","delay":{"constant_ms":450},"jitter":0,"weight":95,"exit_code":1},
// optionally with "fails", "oom", "post". kInvalidArgument names the entry at fault.
Result<std::vector<Stage>> StagesFromJson(const nlohmann::json& list);

// kFast: every delay is 0. kReal: the delays in DESIGN.md, which names their sources.
enum class Kubelet { kFast, kReal };

struct DataPlaneConfig {
  int nodes = 0;  // 0: no data plane
  // topology.kubernetes.io/zone: zone-a, zone-b, ... in turn; at most 26. 0: no such label.
  int zones = 0;
  std::string node_cpu = "32";
  std::string node_memory = "128Gi";
  std::string node_ephemeral_storage = "100Gi";
  int node_pods = 110;                                // maxPods of a kubelet
  std::map<std::string, std::string> node_resources;  // extended ones: {"nvidia.com/gpu":"8"}
  // Renews leases every 10 s and the status every 5 min (reference kubernetes.md (b)); if off,
  // nodes have the annotation kless.dev/heartbeats: "off".
  bool heartbeats = false;
  Kubelet kubelet = Kubelet::kFast;
  // Each replaces the delay of its step in the kubelet's stages.
  std::optional<Distribution> image_pull;
  std::optional<Distribution> start;
  std::optional<Distribution> run_time;
  // The time from SIGTERM until a container ends, at most the grace period.
  Distribution stop;
  std::vector<Stage> stages;  // replace all alternatives of the steps that they name
};

// The alternatives of every step, indexed by Step; none is empty.
std::vector<std::vector<Stage>> StagesOf(const DataPlaneConfig& config);

}  // namespace kless::data_plane
