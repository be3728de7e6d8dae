#include "emulator/data_plane/pod_manifest.h"

#include <algorithm>
#include <utility>

#include "emulator/base/raw_json.h"

namespace kless::data_plane {
namespace {

constexpr std::string_view kAnnotationPrefix = "kless.dev/";
constexpr const char* kRunTime = "run-time";
constexpr const char* kExitCode = "exit-code";
constexpr const char* kOom = "oom";
constexpr const char* kImagePull = "image-pull";
constexpr const char* kIgnoreSigterm = "ignore-sigterm";
constexpr std::int64_t kMaxSeconds = 1'000'000'000;
constexpr int kOomExitCode = 137;  // 128 + SIGKILL

using Annotations = std::map<std::string, std::string>;  // without the prefix

// The only environment variable that commands may use: pods of an Indexed Job differ by it.
constexpr std::string_view kIndexVariables[] = {"$JOB_COMPLETION_INDEX", "${JOB_COMPLETION_INDEX}",
                                                "$(JOB_COMPLETION_INDEX)"};
constexpr std::string_view kIndexAnnotation = "batch.kubernetes.io/job-completion-index";
constexpr const char* kIndex = "index";  // its key in Annotations

bool ReadsIndex(std::string_view containers) {
  return std::any_of(std::begin(kIndexVariables), std::end(kIndexVariables),
                     [&](auto variable) { return containers.find(variable) != containers.npos; });
}

std::string WithIndex(std::string text, const Annotations& annotations) {
  const auto index = annotations.find(kIndex);
  if (index == annotations.end()) return text;
  for (const std::string_view variable : kIndexVariables) {
    for (auto at = text.find(variable); at != std::string::npos; at = text.find(variable, at)) {
      text.replace(at, variable.size(), index->second);
    }
  }
  return text;
}

Annotations OursOf(std::string_view annotations, bool reads_index) {
  Annotations ours;
  VisitMembers(annotations, [&](std::string_view key, std::string_view value) {
    if (reads_index && key == kIndexAnnotation) {
      const auto text = StringValue(value);
      if (text && text->size() <= 9 && text->find_first_not_of("0123456789") == text->npos) {
        ours[kIndex] = *text;
      }
    }
    if (!key.starts_with(kAnnotationPrefix)) return;
    if (auto text = StringValue(value)) {
      ours[std::string(key.substr(kAnnotationPrefix.size()))] = std::move(*text);
    }
  });
  return ours;
}

// "run-time.NAME" for one container, or else "run-time" for the pod, which applies to its main
// containers.
const std::string* Lookup(const Annotations& annotations, const char* name,
                          const ContainerShape& container) {
  auto found = annotations.find(std::string(name) + "." + container.name);
  if (found == annotations.end() && !container.init) found = annotations.find(name);
  return found == annotations.end() ? nullptr : &found->second;
}

bool IsTrue(const std::string* text) { return text != nullptr && *text == "true"; }

void AppendStrings(std::string_view list, std::vector<std::string>* out) {
  VisitElements(list, [&](std::string_view element) { out->push_back(StringOrEmpty(element)); });
}

ContainerShape ReadContainer(std::string_view text, bool init, const Annotations& annotations) {
  ContainerShape container;
  container.init = init;
  std::vector<std::string> command_line;
  std::string_view command, arguments;
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    if (key == "name") container.name = StringOrEmpty(value);
    if (key == "image") container.image = StringOrEmpty(value);
    if (key == "command") command = value;
    if (key == "args") arguments = value;
    if (key == "restartPolicy") container.sidecar = init && value == "\"Always\"";
  });
  AppendStrings(command, &command_line);
  AppendStrings(arguments, &command_line);
  for (std::string& word : command_line) word = WithIndex(std::move(word), annotations);
  const Behaviour behaviour = BehaviourOf(command_line);
  container.run_time = behaviour.run_time;
  if (behaviour.exit_code) container.exit_codes = {*behaviour.exit_code};
  if (const std::string* run_time = Lookup(annotations, kRunTime, container)) {
    if (const auto read = RunTimeFromText(*run_time)) container.run_time = read;
  }
  if (const std::string* codes = Lookup(annotations, kExitCode, container)) {
    auto read = ExitCodesFromText(*codes);
    if (!read.empty()) container.exit_codes = std::move(read);
  }
  container.oom = IsTrue(Lookup(annotations, kOom, container));
  if (container.oom) container.exit_codes = {kOomExitCode};
  return container;
}

void ReadContainers(std::string_view list, bool init, const Annotations& annotations,
                    std::vector<ContainerShape>* out) {
  VisitElements(list, [&](std::string_view element) {
    ContainerShape container = ReadContainer(element, init, annotations);
    const bool taken = container.name.empty() ||
                       std::any_of(out->begin(), out->end(),
                                   [&](const auto& c) { return c.name == container.name; });
    if (!taken) out->push_back(std::move(container));
  });
}

RestartPolicy RestartPolicyOf(std::string_view text) {
  if (text == "\"Never\"") return RestartPolicy::kNever;
  return text == "\"OnFailure\"" ? RestartPolicy::kOnFailure : RestartPolicy::kAlways;
}

// The members of a pod's spec from which a shape is read.
struct SpecText {
  std::string_view containers, init_containers, restart_policy, deadline, grace, host_network;
};

SpecText SpecTextOf(std::string_view spec) {
  SpecText text;
  VisitMembers(spec, [&](std::string_view key, std::string_view value) {
    if (key == "containers") text.containers = value;
    if (key == "initContainers") text.init_containers = value;
    if (key == "restartPolicy") text.restart_policy = value;
    if (key == "activeDeadlineSeconds") text.deadline = value;
    if (key == "terminationGracePeriodSeconds") text.grace = value;
    if (key == "hostNetwork") text.host_network = value;
  });
  return text;
}

// Containers that always restart, and sidecars, end only when they are stopped, unless an
// annotation or the command says otherwise.
void RunForeverByDefault(PodManifest* shape) {
  for (ContainerShape& container : shape->containers) {
    const bool lasting =
        container.sidecar || (!container.init && shape->restart_policy == RestartPolicy::kAlways);
    if (lasting && !container.run_time && container.exit_codes.empty()) {
      container.run_time = kForever;
    }
  }
}

PodManifest ReadShape(const SpecText& text, const Annotations& annotations) {
  PodManifest shape;
  ReadContainers(text.init_containers, true, annotations, &shape.containers);
  shape.init_containers = shape.containers.size();
  ReadContainers(text.containers, false, annotations, &shape.containers);
  shape.restart_policy = RestartPolicyOf(text.restart_policy);
  const auto deadline = IntegerValue(text.deadline);
  if (deadline && *deadline > 0)
    shape.active_deadline_seconds = std::min<long long>(*deadline, kMaxSeconds);
  const auto grace = IntegerValue(text.grace);
  if (grace) shape.grace_seconds = std::clamp<long long>(*grace, 0, kMaxSeconds);
  shape.host_network = text.host_network == "true";
  const auto pull = annotations.find(kImagePull);
  shape.pull_fails = pull != annotations.end() && pull->second == "fail";
  const auto ignore = annotations.find(kIgnoreSigterm);
  shape.ignore_sigterm = ignore != annotations.end() && ignore->second == "true";
  RunForeverByDefault(&shape);
  return shape;
}

}  // namespace

std::shared_ptr<const PodManifest> PodManifests::Read(std::string_view spec,
                                                      std::string_view annotations) {
  const SpecText text = SpecTextOf(spec);
  const Annotations ours =
      OursOf(annotations, ReadsIndex(text.containers) || ReadsIndex(text.init_containers));
  std::string key;
  for (const std::string_view part : {text.containers, text.init_containers, text.restart_policy,
                                      text.deadline, text.grace, text.host_network}) {
    key.append(part).push_back('\n');
  }
  for (const auto& [name, value] : ours) key.append(name).append("=").append(value).append("\n");
  std::weak_ptr<const PodManifest>& known = manifests_[key];
  if (auto shape = known.lock()) return shape;
  auto shape = std::make_shared<const PodManifest>(ReadShape(text, ours));
  known = shape;
  ForgetUnused();
  return shape;
}

void PodManifests::ForgetUnused() {
  if (manifests_.size() < forget_at_) return;
  std::erase_if(manifests_, [](const auto& entry) { return entry.second.expired(); });
  forget_at_ = 64 + 2 * manifests_.size();
}

}  // namespace kless::data_plane
