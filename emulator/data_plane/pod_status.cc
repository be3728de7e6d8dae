#include "emulator/data_plane/pod_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"
#include "emulator/data_plane/pod_conditions.h"
#include "functions/kubernetes/objects/pod_defaults.h"

namespace kless::data_plane {
namespace {

constexpr std::string_view kIdScheme = "kless://";
constexpr std::size_t kIdDigits = 64;
// Members that the kubelet owns.
constexpr std::array<std::string_view, 13> kOwned = {"conditions",
                                                     "containerStatuses",
                                                     "hostIP",
                                                     "hostIPs",
                                                     "initContainerStatuses",
                                                     "message",
                                                     "observedGeneration",
                                                     "phase",
                                                     "podIP",
                                                     "podIPs",
                                                     "qosClass",
                                                     "reason",
                                                     "startTime"};

// JSON text that grows member by member.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void Raw(std::string_view key, std::string_view value) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(key).append("\":").append(value);
  }
  void Text(std::string_view key, std::string_view value) {
    Raw(key, "");
    AppendJsonString(out_, value);
  }
  void Time(std::string_view key, std::int64_t unix_nanos) {
    if (unix_nanos == 0) {
      Raw(key, "null");
    } else {
      Raw(key, "\"");
      out_.append(FormatTime(unix_nanos)).append("\"");
    }
  }
  void Flag(std::string_view key, bool value) { Raw(key, value ? "true" : "false"); }
  void Number(std::string_view key, std::int64_t value) { Raw(key, std::to_string(value)); }

 private:
  std::string& out_;
  bool first_ = true;
};

const char* ReasonName(EndReason reason) {
  switch (reason) {
    case EndReason::kCompleted:
      return "Completed";
    case EndReason::kError:
      return "Error";
    case EndReason::kOomKilled:
      return "OOMKilled";
    case EndReason::kStatusUnknown:
      return "ContainerStatusUnknown";
  }
  return "";
}

void WriteTermination(const Termination& run, const std::string& id, std::string& out) {
  out += R"({"terminated":{)";
  Writer writer(out);
  if (!id.empty()) writer.Text("containerID", id);
  writer.Number("exitCode", run.exit_code);
  writer.Time("finishedAt", run.finished_at);
  if (run.reason == EndReason::kStatusUnknown) {
    writer.Text("message", "The container could not be located when the pod was terminated");
  }
  writer.Text("reason", ReasonName(run.reason));
  writer.Time("startedAt", run.started_at);
  out += "}}";
}

// The "main_pod_namespace(uid)" parts of the kubelet's message.
std::string BackoffMessage(const Pod& pod, const std::string& container,
                           const std::string& pod_name, const Container& state) {
  const std::size_t slash = pod_name.find('/');
  const std::int64_t seconds = (state.due - state.last.finished_at) / kNanosPerSecond;
  const std::string wait =
      seconds == 300  ? "5m0s"
      : seconds >= 60 ? std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s"
                      : std::to_string(seconds) + "s";
  return "back-off " + wait + " restarting failed container=" + container +
         " pod=" + pod_name.substr(slash + 1) + "_" + pod_name.substr(0, slash) + "(" + pod.uid +
         ")";
}

void WriteWaiting(const Pod& pod, std::size_t index, const std::string& pod_name,
                  std::string& out) {
  const Container& container = pod.containers[index];
  const ContainerShape& shape = pod.manifest->containers[index];
  out += R"({"waiting":{)";
  Writer writer(out);
  // Images are pulled for the container that starts first.
  const bool first = pod.manifest->init_containers == 0 || index == 0;
  if (container.backing_off) {
    writer.Text("message", BackoffMessage(pod, shape.name, pod_name, container));
    writer.Text("reason", "CrashLoopBackOff");
  } else if (first && !pod.pulled && pod.pull_failures == 1) {
    writer.Text("message", "failed to pull image \"" + shape.image + "\"");
    writer.Text("reason", "ErrImagePull");
  } else if (first && !pod.pulled && pod.pull_failures > 1) {
    writer.Text("message", "Back-off pulling image \"" + shape.image + "\"");
    writer.Text("reason", "ImagePullBackOff");
  } else {
    const bool initializing = pod.manifest->init_containers > 0;
    writer.Text("reason", initializing ? "PodInitializing" : "ContainerCreating");
  }
  out += "}}";
}

void WriteState(const Pod& pod, std::size_t index, const std::string& pod_name,
                const std::string& id, std::string& out) {
  const Container& container = pod.containers[index];
  switch (container.state) {
    case ContainerState::kWaiting:
      WriteWaiting(pod, index, pod_name, out);
      break;
    case ContainerState::kRunning: {
      out += R"({"running":{)";
      Writer(out).Time("startedAt", container.run.started_at);
      out += "}}";
      break;
    }
    case ContainerState::kTerminated:
      WriteTermination(container.run, id, out);
      break;
  }
}

void WriteContainer(const Pod& pod, std::size_t index, const std::string& pod_name,
                    std::string& out) {
  const Container& container = pod.containers[index];
  const ContainerShape& shape = pod.manifest->containers[index];
  const bool waiting = container.state == ContainerState::kWaiting;
  const bool known = waiting ? container.ran_before : container.run.started_at != 0;
  const std::int64_t started = waiting ? container.last.started_at : container.run.started_at;
  const std::string id =
      known ? ContainerId(pod, shape.name, container.restarts, started) : std::string();
  out += '{';
  Writer writer(out);
  if (known) writer.Text("containerID", id);
  writer.Text("image", shape.image);
  writer.Text("imageID",
              known ? "kless://sha256:" + HexDigits(HashBytes(shape.image)) : std::string());
  writer.Raw("lastState", "");
  if (container.ran_before) {
    const std::string last = ContainerId(
        pod, shape.name, std::max(0, container.restarts - !waiting), container.last.started_at);
    WriteTermination(container.last, last, out);
  } else {
    out += "{}";
  }
  writer.Text("name", shape.name);
  writer.Flag("ready", container.ready);
  writer.Number("restartCount", container.restarts);
  writer.Flag("started", container.state == ContainerState::kRunning);
  writer.Raw("state", "");
  WriteState(pod, index, pod_name, id, out);
  out += '}';
}

void WriteContainers(const Pod& pod, std::size_t begin, std::size_t end,
                     const std::string& pod_name, std::string& out) {
  out += '[';
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin) out += ',';
    WriteContainer(pod, i, pod_name, out);
  }
  out += ']';
}

std::string QosClassOf(std::string_view old, std::string_view spec) {
  const std::string_view before = MemberOf(old, "qosClass");
  if (before.size() > 2 && before.front() == '"') return std::string(before);
  const auto parsed = ParseJson(spec);
  return parsed.has_value() && parsed->is_object()
             ? "\"" + kubernetes::QosClass(parsed.value()) + "\""
             : R"("BestEffort")";
}

// The reason and message of the pod's end.
std::pair<std::string, std::string> WhyItEnded(const Pod& pod) {
  if (!pod.terminal()) return {};
  if (pod.stop == StopReason::kDeadline) {
    return {"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"};
  }
  if (pod.stop == StopReason::kEvicted) return {"Evicted", pod.eviction_message};
  return {};
}

}  // namespace

std::string ContainerId(const Pod& pod, const std::string& container, int restarts,
                        std::int64_t started_at) {
  const std::string what = pod.uid + "/" + container + "/" + std::to_string(restarts);
  std::string id(kIdScheme);
  id += HexDigits(static_cast<std::uint64_t>(started_at));
  for (std::uint64_t part = 1; part <= 3; ++part) id += HexDigits(HashBytes(what, part));
  return id;
}

std::optional<std::int64_t> StartOfContainerId(std::string_view id) {
  if (!id.starts_with(kIdScheme) || id.size() != kIdScheme.size() + kIdDigits) return std::nullopt;
  std::int64_t nanos = 0;
  const char* const begin = id.data() + kIdScheme.size();
  const auto [end, error] = std::from_chars(begin, begin + 16, nanos, 16);
  if (error != std::errc{} || end != begin + 16 || nanos <= 0) return std::nullopt;
  return nanos;
}

std::string RenderPodStatus(const Pod& pod, std::string_view old, const StatusContext& context) {
  const std::size_t inits = pod.manifest->init_containers;
  std::string out = "{";
  out.reserve(1024 + 700 * pod.containers.size());
  Writer writer(out);
  writer.Raw("conditions", "");
  AppendConditions(pod, MemberOf(old, "conditions"), context.generation, context.unix_nanos, out);
  writer.Raw("containerStatuses", "");
  WriteContainers(pod, inits, pod.containers.size(), context.pod_name, out);
  writer.Text("hostIP", context.host_ip);
  writer.Raw("hostIPs", R"([{"ip":")" + context.host_ip + R"("}])");
  if (inits > 0) {
    writer.Raw("initContainerStatuses", "");
    WriteContainers(pod, 0, inits, context.pod_name, out);
  }
  const auto [reason, message] = WhyItEnded(pod);
  if (!message.empty()) writer.Text("message", message);
  if (context.generation > 0) writer.Number("observedGeneration", context.generation);
  writer.Text("phase", PodPhaseName(pod.phase));
  if (HasSandbox(pod)) {
    writer.Text("podIP", context.pod_ip);
    writer.Raw("podIPs", R"([{"ip":")" + context.pod_ip + R"("}])");
  }
  writer.Raw("qosClass", QosClassOf(old, context.spec));
  if (!reason.empty()) writer.Text("reason", reason);
  writer.Time("startTime", pod.started_at);
  VisitMembers(old, [&](std::string_view key, std::string_view value) {
    if (std::find(kOwned.begin(), kOwned.end(), key) == kOwned.end()) writer.Raw(key, value);
  });
  out += '}';
  return out;
}

}  // namespace kless::data_plane
