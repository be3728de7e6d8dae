// PodManifest: the parts of a pod's spec and annotations that the kubelet needs.  Pods of one
// template share one shape, so that a simulated pod is small.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/data_plane/container_behaviour.h"

namespace kless::data_plane {

enum class RestartPolicy : std::uint8_t { kAlways, kOnFailure, kNever };

struct ContainerShape {
  std::string name;
  std::string image;
  bool init = false;
  bool sidecar = false;  // an init container that is always restarted
  // From annotations or the command; nullopt: as in the stage.
  std::optional<Duration> run_time;
  std::vector<int> exit_codes;  // of the n-th run; the last one repeats; empty: as in the stage
  bool oom = false;
};

struct PodManifest {
  std::vector<ContainerShape> containers;  // init containers first, in the order of the spec
  std::size_t init_containers = 0;
  RestartPolicy restart_policy = RestartPolicy::kAlways;
  std::optional<std::int64_t> active_deadline_seconds;
  std::int64_t grace_seconds = 30;
  bool host_network = false;
  bool pull_fails = false;      // kless.dev/image-pull: "fail"
  bool ignore_sigterm = false;  // kless.dev/ignore-sigterm: "true"

  bool IsMain(std::size_t container) const { return container >= init_containers; }
};

// Reads shapes, and returns one shared shape for all equal ones.
class PodManifests {
 public:
  // `spec` and `annotations` are JSON text as in the document, "" if absent.  Never returns null; a
  // value of the wrong type counts as absent.
  std::shared_ptr<const PodManifest> Read(std::string_view spec, std::string_view annotations);
  std::size_t size() const { return manifests_.size(); }

 private:
  void ForgetUnused();
  // by the text from which they were read
  std::map<std::string, std::weak_ptr<const PodManifest>> manifests_;
  std::size_t forget_at_ = 64;
};

}  // namespace kless::data_plane
