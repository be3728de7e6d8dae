#include "emulator/data_plane/pod_conditions.h"

#include <algorithm>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"

namespace kless::data_plane {
namespace {

struct Condition {
  const char* type = "";
  bool holds = false;
  std::string reason;
  std::string message;
};

std::string Names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return "[" + text + "]";
}

// Init containers that still have to succeed (or sidecars that have to start).
std::vector<std::string> Incomplete(const Pod& pod) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < pod.manifest->init_containers; ++i) {
    const Container& container = pod.containers[i];
    const ContainerShape& shape = pod.manifest->containers[i];
    const bool done = shape.sidecar ? container.started_once()
                                    : container.state == ContainerState::kTerminated &&
                                          container.run.exit_code == 0;
    if (!done) names.push_back(shape.name);
  }
  return names;
}

std::vector<std::string> Unready(const Pod& pod) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    const ContainerShape& shape = pod.manifest->containers[i];
    if (shape.init && !shape.sidecar) continue;
    if (!pod.containers[i].ready) names.push_back(shape.name);
  }
  return names;
}

std::vector<Condition> ConditionsOf(const Pod& pod) {
  std::vector<Condition> conditions;
  conditions.push_back({"PodReadyToStartContainers", !pod.terminal() && HasSandbox(pod), "", ""});
  Condition initialized{"Initialized", true, "", ""};
  const auto incomplete = Incomplete(pod);
  if (pod.phase == PodPhase::kSucceeded) {
    initialized.reason = "PodCompleted";
  } else if (!incomplete.empty()) {
    initialized = {"Initialized", false, "ContainersNotInitialized",
                   "containers with incomplete status: " + Names(incomplete)};
  }
  conditions.push_back(initialized);
  Condition ready{"Ready", false, "", ""};
  const auto unready = Unready(pod);
  if (pod.terminal()) {
    ready.reason = pod.phase == PodPhase::kSucceeded ? "PodCompleted" : "PodFailed";
  } else if (!unready.empty()) {
    ready.reason = "ContainersNotReady";
    ready.message = "containers with unready status: " + Names(unready);
  } else {
    ready.holds = !pod.containers.empty();
  }
  conditions.push_back(ready);
  ready.type = "ContainersReady";
  conditions.push_back(ready);
  if (pod.stop == StopReason::kEvicted) {
    conditions.push_back({"DisruptionTarget", true, "TerminationByKubelet", pod.eviction_message});
  }
  return conditions;
}

struct OldCondition {
  std::string_view whole, type, status, transition;
};

std::vector<OldCondition> ReadOld(std::string_view list) {
  std::vector<OldCondition> conditions;
  VisitElements(list, [&](std::string_view element) {
    OldCondition old{element, "", "", ""};
    VisitMembers(element, [&](std::string_view key, std::string_view value) {
      if (key == "type") old.type = value;
      if (key == "status") old.status = value;
      if (key == "lastTransitionTime") old.transition = value;
    });
    conditions.push_back(old);
  });
  return conditions;
}

bool IsType(const OldCondition& old, std::string_view type) {
  return old.type.size() == type.size() + 2 && old.type.substr(1, type.size()) == type;
}

void Append(const Condition& condition, const std::vector<OldCondition>& olds,
            std::int64_t generation, std::int64_t unix_nanos, std::string& out) {
  const std::string_view status = condition.holds ? R"("True")" : R"("False")";
  std::string transition = "\"" + FormatTime(unix_nanos) + "\"";
  for (const OldCondition& old : olds) {
    if (IsType(old, condition.type) && old.status == status && old.transition.size() > 2) {
      transition = old.transition;
    }
  }
  out.append(R"({"lastProbeTime":null,"lastTransitionTime":)").append(transition);
  if (!condition.message.empty()) {
    out += R"(,"message":)";
    AppendJsonString(out, condition.message);
  }
  if (generation > 0) out.append(R"(,"observedGeneration":)").append(std::to_string(generation));
  if (!condition.reason.empty()) out.append(R"(,"reason":")").append(condition.reason).append("\"");
  out.append(R"(,"status":)").append(status).append(R"(,"type":")").append(condition.type);
  out += "\"}";
}

}  // namespace

bool HasSandbox(const Pod& pod) {
  return pod.pull_failures > 0 ||
         std::any_of(pod.containers.begin(), pod.containers.end(),
                     [](const Container& c) { return c.run.started_at != 0 || c.ran_before; });
}

void AppendConditions(const Pod& pod, std::string_view old, std::int64_t generation,
                      std::int64_t unix_nanos, std::string& out) {
  const std::vector<OldCondition> olds = ReadOld(old);
  std::vector<Condition> conditions = ConditionsOf(pod);
  const bool scheduled = std::any_of(olds.begin(), olds.end(), [](const OldCondition& condition) {
    return IsType(condition, "PodScheduled");
  });
  // It was bound without a scheduler: the kubelet sets the condition itself.
  if (!scheduled) conditions.push_back({"PodScheduled", true, "", ""});
  out += '[';
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (i > 0) out += ',';
    Append(conditions[i], olds, generation, unix_nanos, out);
  }
  for (const OldCondition& other : olds) {
    const bool ours =
        std::any_of(conditions.begin(), conditions.end(),
                    [&](const Condition& condition) { return IsType(other, condition.type); });
    if (!ours) out.append(",").append(other.whole);
  }
  out += ']';
}

}  // namespace kless::data_plane
