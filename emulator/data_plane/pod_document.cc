#include "emulator/data_plane/pod_document.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"
#include "emulator/data_plane/pod_status.h"

namespace kless::data_plane {
namespace {

std::optional<std::int64_t> TimeOf(std::string_view text) {
  const auto value = StringValue(text);
  return value ? ParseTime(*value) : std::nullopt;
}

EndReason EndReasonOf(std::string_view text, int exit_code) {
  const std::string reason = StringOrEmpty(text);
  if (reason == "OOMKilled") return EndReason::kOomKilled;
  if (reason == "ContainerStatusUnknown") return EndReason::kStatusUnknown;
  return exit_code == 0 ? EndReason::kCompleted : EndReason::kError;
}

Termination ReadTermination(std::string_view text) {
  Termination termination;
  std::string_view reason;
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    if (key == "exitCode") {
      termination.exit_code =
          static_cast<int>(std::clamp<long long>(IntegerValue(value).value_or(0), -65536, 65536));
    }
    if (key == "startedAt") termination.started_at = TimeOf(value).value_or(0);
    if (key == "finishedAt") termination.finished_at = TimeOf(value).value_or(0);
    if (key == "reason") reason = value;
  });
  termination.reason = EndReasonOf(reason, termination.exit_code);
  return termination;
}

void ReadState(std::string_view text, Container* container, int* pull_failures) {
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    if (key == "running") {
      container->state = ContainerState::kRunning;
      container->run.started_at = TimeOf(MemberOf(value, "startedAt")).value_or(0);
    } else if (key == "terminated") {
      container->state = ContainerState::kTerminated;
      container->run = ReadTermination(value);
    } else if (key == "waiting") {
      const std::string reason = StringOrEmpty(MemberOf(value, "reason"));
      container->backing_off = reason == "CrashLoopBackOff";
      if (reason == "ErrImagePull") *pull_failures = std::max(*pull_failures, 1);
      if (reason == "ImagePullBackOff") *pull_failures = std::max(*pull_failures, 2);
    }
  });
}

void ReadContainerStatus(std::string_view text, Pod* pod) {
  const std::string name = StringOrEmpty(MemberOf(text, "name"));
  const auto& shapes = pod->manifest->containers;
  const auto shape =
      std::find_if(shapes.begin(), shapes.end(), [&](const auto& c) { return c.name == name; });
  if (shape == shapes.end()) return;
  Container& container = pod->containers[static_cast<std::size_t>(shape - shapes.begin())];
  std::string id;
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    if (key == "ready") container.ready = value == "true";
    if (key == "containerID") id = StringOrEmpty(value);
    if (key == "restartCount") {
      container.restarts =
          static_cast<int>(std::clamp<long long>(IntegerValue(value).value_or(0), 0, 1'000'000));
    }
    if (key == "state") ReadState(value, &container, &pod->pull_failures);
    if (key == "lastState") {
      const std::string_view terminated = MemberOf(value, "terminated");
      container.ran_before = !terminated.empty();
      if (container.ran_before) container.last = ReadTermination(terminated);
    }
  });
  // The status has whole seconds; the id has the exact time.
  const auto exact = StartOfContainerId(id);
  if (exact && container.state == ContainerState::kRunning) container.run.started_at = *exact;
}

}  // namespace

PodDocument::PodDocument(std::string_view document) {
  VisitMembers(document, [&](std::string_view key, std::string_view value) {
    if (key == "metadata") metadata = value;
    if (key == "spec") spec = value;
    if (key == "status") status = value;
  });
  VisitMembers(metadata, [&](std::string_view key, std::string_view value) {
    if (key == "uid") uid = StringOrEmpty(value);
    if (key == "generation") generation = IntegerValue(value).value_or(0);
    if (key == "annotations") annotations = value;
    if (key == "deletionGracePeriodSeconds") {
      grace_seconds = IntegerValue(value);
      if (grace_seconds)
        *grace_seconds = std::clamp<std::int64_t>(*grace_seconds, 0, 1'000'000'000);
    }
    if (key == "deletionTimestamp") {
      deleting = value != "null";
      deletion_nanos = TimeOf(value);
    }
  });
}

std::string WithMember(const std::string& document, std::string_view key, std::string_view value) {
  int found = 0;
  bool escapes = false;
  bool empty = true;
  std::string_view old;
  VisitMembers(document, [&](std::string_view name, std::string_view member) {
    empty = false;
    if (name.find('\\') != std::string_view::npos) escapes = true;
    if (name != key) return;
    old = member;
    ++found;
  });
  const std::size_t end = document.rfind('}');
  if (escapes || found > 1 || end == std::string::npos) {
    auto parsed = ParseJson(document);
    auto member = ParseJson(value);
    if (parsed.has_error() || !parsed->is_object() || member.has_error()) return document;
    parsed.value()[std::string(key)] = std::move(member.value());
    return DumpJson(parsed.value());
  }
  std::string out;
  out.reserve(document.size() + value.size() + key.size() + 4);
  if (found == 1) {
    const auto begin = static_cast<std::size_t>(old.data() - document.data());
    out.append(document, 0, begin).append(value);
    out.append(document, begin + old.size(), std::string::npos);
    return out;
  }
  out.append(document, 0, end).append(empty ? "\"" : ",\"").append(key).append("\":");
  out.append(value).append(document, end, std::string::npos);
  return out;
}

bool ReadStatus(std::string_view status, Pod* pod) {
  pod->containers.assign(pod->manifest->containers.size(), Container());
  pod->pull_failures = 0;
  std::optional<std::int64_t> start;
  VisitMembers(status, [&](std::string_view key, std::string_view value) {
    if (key == "startTime") start = TimeOf(value);
    if (key == "containerStatuses" || key == "initContainerStatuses") {
      VisitElements(value, [&](std::string_view element) { ReadContainerStatus(element, pod); });
    }
  });
  if (!start) {
    pod->containers.assign(pod->manifest->containers.size(), Container());
    return false;
  }
  pod->started_at = *start;
  pod->pulled = std::any_of(pod->containers.begin(), pod->containers.end(),
                            [](const Container& c) { return c.started_once(); });
  return true;
}

int IpSlotOf(std::string_view status) {
  const std::string ip = StringOrEmpty(MemberOf(status, "podIP"));
  if (!ip.starts_with("10.")) return 0;
  const auto slot = ParseUnsigned(std::string_view(ip).substr(ip.rfind('.') + 1));
  return slot && *slot < 256 ? static_cast<int>(*slot) : 0;
}

}  // namespace kless::data_plane
