#include "emulator/doors/kubernetes/read/log_verb.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/data_plane/container_output.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Find;
using kubernetes::SizeOf;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr std::chrono::hours kLongestPause{1};
constexpr const char* kContainerLists[] = {"containers", "initContainers", "ephemeralContainers"};

struct LogOptions {
  std::string container;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> limit_bytes;
  std::optional<std::int64_t> since_seconds;
  std::optional<std::int64_t> since;  // ns since the epoch
};

bool IsTrueParameter(const HttpRequest& request, const char* name) {
  const std::string& value = request.Query(name);
  return value == "true" || value == "1";
}

Refusal Number(const HttpRequest& request, const char* name, std::optional<std::int64_t>* value) {
  const std::string& text = request.Query(name);
  if (text.empty()) return std::nullopt;
  *value = ParseInteger(text);
  if (*value) return std::nullopt;
  return BadRequest("strconv.ParseInt: parsing " + DumpJson(text) + ": invalid syntax");
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go
Refusal ParseLogOptions(const ResourcePath& path, const HttpRequest& request, LogOptions* options) {
  options->container = request.Query("container");
  options->follow = IsTrueParameter(request, "follow");
  options->previous = IsTrueParameter(request, "previous");
  options->timestamps = IsTrueParameter(request, "timestamps");
  if (auto refusal = Number(request, "tailLines", &options->tail_lines)) return refusal;
  if (auto refusal = Number(request, "limitBytes", &options->limit_bytes)) return refusal;
  if (auto refusal = Number(request, "sinceSeconds", &options->since_seconds)) return refusal;
  if (const std::string& since = request.Query("sinceTime"); !since.empty()) {
    options->since = ParseTime(since);
    if (!options->since) return BadRequest("sinceTime: " + DumpJson(since) + " is not a time");
  }
  kubernetes::FieldErrors errors;
  if (options->tail_lines && *options->tail_lines < 0) {
    errors.push_back(kubernetes::Invalid("tailLines", *options->tail_lines,
                                         "must be greater than or equal to 0"));
  }
  if (options->limit_bytes && *options->limit_bytes < 1) {
    errors.push_back(
        kubernetes::Invalid("limitBytes", *options->limit_bytes, "must be greater than 0"));
  }
  if (options->since_seconds && options->since) {
    errors.push_back(
        kubernetes::Forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else if (options->since_seconds && *options->since_seconds < 1) {
    errors.push_back(
        kubernetes::Invalid("sinceSeconds", *options->since_seconds, "must be greater than 0"));
  }
  if (errors.empty()) return std::nullopt;
  kubernetes::Kind kind;
  kind.kind = "PodLogOptions";
  return InvalidObject(kind, path.name, errors);
}

Refusal LoadPod(KubernetesContext& context, const ResourcePath& path, json* pod) {
  const auto found = context.resources().Get(path.Id());
  if (found.has_error()) {
    if (found.error().code == ErrorCode::kNotFound) return NotFound(*path.kind, path.name);
    return StoreFailure(found.error());
  }
  auto parsed = ParseJson(found.value()->document);
  *pod = parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
  return std::nullopt;
}

// Formats "[a b]", or "" for none.
std::string NamesIn(const json& pod, const char* list) {
  std::string names;
  const json* containers = Find(pod, {"spec", list});
  for (std::size_t i = 0; i < SizeOf(containers); ++i) {
    names += (names.empty() ? "[" : " ") + StringAt((*containers)[i], "name");
  }
  return names.empty() ? names : names + "]";
}

const json* FindContainer(const json& pod, const std::string& name) {
  for (const char* list : kContainerLists) {
    const json* containers = Find(pod, {"spec", list});
    for (std::size_t i = 0; i < SizeOf(containers); ++i) {
      if (StringAt((*containers)[i], "name") == name) return &(*containers)[i];
    }
  }
  return nullptr;
}

// Chooses the container if the request names none, or returns why it cannot.
Refusal ChooseContainer(const ResourcePath& path, const json& pod, std::string* name) {
  const json* containers = Find(pod, {"spec", "containers"});
  if (name->empty() && SizeOf(containers) == 1) *name = StringAt((*containers)[0], "name");
  if (name->empty()) {
    std::string message = "a container name must be specified for pod " + path.name;
    const std::string names = NamesIn(pod, "containers");
    const std::string init = NamesIn(pod, "initContainers");
    if (!names.empty()) message += ", choose one of: " + names;
    if (!init.empty()) message += " or one of the init containers: " + init;
    return BadRequest(std::move(message));
  }
  if (FindContainer(pod, *name) != nullptr) return std::nullopt;
  return BadRequest("container " + *name + " is not valid for pod " + path.name);
}

const json& StatusOf(const json& pod, const std::string& container) {
  static const json kNone = json::object();
  for (const char* list :
       {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"}) {
    const json* statuses = Find(pod, {"status", list});
    for (std::size_t i = 0; i < SizeOf(statuses); ++i) {
      if (StringAt((*statuses)[i], "name") == container) return (*statuses)[i];
    }
  }
  return kNone;
}

// One run of a container.
struct Run {
  std::int64_t start = 0;           // ns since the epoch
  std::optional<std::int64_t> end;  // not yet ended
};

std::optional<Run> RunOf(const json& state) {
  const json* running = Find(state, "running");
  const json* terminated = Find(state, "terminated");
  const json* either = running != nullptr ? running : terminated;
  if (either == nullptr) return std::nullopt;
  const auto start = ParseTime(StringAt(*either, "startedAt"));
  if (!start) return std::nullopt;
  Run run{*start, std::nullopt};
  if (terminated != nullptr) {
    run.end = ParseTime(StringAt(*terminated, "finishedAt")).value_or(*start);
  }
  return run;
}

// The run whose log is requested; for a container that waits after a run it is that one.
Refusal FindRun(const ResourcePath& path, const json& pod, const LogOptions& options,
                std::optional<Run>* run) {
  const json& status = StatusOf(pod, options.container);
  const json& state = kubernetes::FindOrEmpty(status, "state");
  const json& last = kubernetes::FindOrEmpty(status, "lastState");
  const std::string quoted = DumpJson(options.container);
  const std::string in_pod = " in pod " + DumpJson(path.name);
  if (options.previous) {
    *run = RunOf(last);
    if (*run) return std::nullopt;
    return BadRequest("previous terminated container " + quoted + in_pod + " not found");
  }
  *run = RunOf(state);
  if (!*run) *run = RunOf(last);
  if (*run) return std::nullopt;
  if (const json* waiting = Find(state, "waiting")) {
    return BadRequest("container " + quoted + in_pod +
                      " is waiting to start: " + StringAt(*waiting, "reason"));
  }
  return BadRequest("container " + quoted + in_pod + " is not available");
}

std::vector<std::string> CommandLine(const json& container) {
  std::vector<std::string> words;
  for (const char* member : {"command", "args"}) {
    const json* list = Find(container, member);
    for (std::size_t i = 0; i < SizeOf(list); ++i) {
      if ((*list)[i].is_string()) words.push_back((*list)[i].get<std::string>());
    }
  }
  return words;
}

struct LogLine {
  std::int64_t time = 0;  // ns since the epoch
  std::string text;
};

// The lines that a run writes, or will write, in order of time.
std::vector<LogLine> LinesOf(const json& container, const Run& run) {
  std::vector<LogLine> lines;
  for (data_plane::OutputLine& line : data_plane::OutputOf(CommandLine(container))) {
    const std::int64_t time = run.start + line.after_start.count();
    // Statuses give the end in whole seconds.
    if (run.end && time >= *run.end + kNanosPerSecond) break;
    lines.push_back({time, std::move(line.text)});
  }
  return lines;
}

std::string TextOf(const std::vector<LogLine>& lines, const LogOptions& options) {
  std::string text;
  for (const LogLine& line : lines) {
    if (options.timestamps) {
      const bool whole = line.time % kNanosPerSecond == 0;
      text += (whole ? FormatTime(line.time) : FormatMicroTime(line.time)) + " ";
    }
    text += line.text + "\n";
  }
  if (options.limit_bytes) {
    text.resize(std::min(text.size(), static_cast<std::size_t>(*options.limit_bytes)));
  }
  return text;
}

// Removes and returns the lines written by now; keeps later ones.
std::vector<LogLine> TakeWritten(std::vector<LogLine>& lines, std::int64_t now) {
  const auto end = std::find_if(lines.begin(), lines.end(),
                                [now](const LogLine& line) { return line.time > now; });
  std::vector<LogLine> written(lines.begin(), end);
  lines.erase(lines.begin(), end);
  return written;
}

// Whether the run that started at that time is still running.
bool StillRuns(KubernetesContext& context, const ResourcePath& path, const LogOptions& options,
               std::int64_t start) {
  json pod;
  if (LoadPod(context, path, &pod)) return false;
  const auto run = RunOf(kubernetes::FindOrEmpty(StatusOf(pod, options.container), "state"));
  return run && run->start == start && !run->end;
}

Task<> Follow(KubernetesContext* context, ResourcePath path, LogOptions options,
              std::vector<LogLine> lines, std::int64_t start, std::string first,
              std::shared_ptr<BodyWriter> writer) {
  const auto sent = co_await writer->Write(std::move(first));
  if (sent.has_error()) co_return;
  ChangeFeed& feed = context->store.feed();
  for (;;) {
    const std::uint64_t seen = feed.Latest();
    const bool over = !StillRuns(*context, path, options, start);
    const std::int64_t now = context->event_loop.UnixNanos();
    const std::vector<LogLine> written = TakeWritten(lines, now);
    if (!written.empty()) {
      std::string text = TextOf(written, options);
      const auto more = co_await writer->Write(std::move(text));
      if (more.has_error()) co_return;
    }
    if (over) co_return;
    Duration pause = kLongestPause;
    if (!lines.empty()) pause = std::min<Duration>(pause, Duration(lines.front().time - now));
    const TimePoint wake = context->event_loop.Now() + pause;
    co_await feed.WaitBeyond(seen, wake);
  }
}

}  // namespace

Task<HttpResponse> ReadLog(KubernetesContext* context, ResourcePath path, HttpRequest request) {
  LogOptions options;
  if (auto refusal = ParseLogOptions(path, request, &options)) co_return std::move(*refusal);
  json pod;
  if (auto refusal = LoadPod(*context, path, &pod)) co_return std::move(*refusal);
  if (auto refusal = ChooseContainer(path, pod, &options.container)) {
    co_return std::move(*refusal);
  }
  HttpResponse response;
  response.content_type = "text/plain";
  if (StringAt(pod, {"spec", "nodeName"}).empty()) {
    response.status = 204;
    response.content_type.clear();
    co_return response;
  }
  std::optional<Run> run;
  if (auto refusal = FindRun(path, pod, options, &run)) co_return std::move(*refusal);
  std::vector<LogLine> lines = LinesOf(*FindContainer(pod, options.container), *run);
  const std::int64_t now = context->event_loop.UnixNanos();
  std::vector<LogLine> written = TakeWritten(lines, now);
  if (options.since_seconds) options.since = now - *options.since_seconds * kNanosPerSecond;
  if (options.since) {
    const auto old = [&options](const LogLine& line) { return line.time < *options.since; };
    written.erase(std::remove_if(written.begin(), written.end(), old), written.end());
  }
  const auto tail = static_cast<std::size_t>(options.tail_lines.value_or(INT64_MAX));
  if (written.size() > tail) {
    written.erase(written.begin(), written.end() - static_cast<std::ptrdiff_t>(tail));
  }
  response.body = TextOf(written, options);
  if (options.follow && !run->end && !options.limit_bytes) {
    response.stream = [context, path, options, lines = std::move(lines), start = run->start,
                       first = response.body](std::shared_ptr<BodyWriter> writer) {
      return Follow(context, path, options, lines, start, first, std::move(writer));
    };
  }
  co_return response;
}

HttpResponse ConnectPod(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request) {
  json pod;
  if (auto refusal = LoadPod(context, path, &pod)) return std::move(*refusal);
  if (path.subresource != "portforward") {
    std::string container = request.Query("container");
    if (auto refusal = ChooseContainer(path, pod, &container)) return std::move(*refusal);
  }
  if (StringAt(pod, {"spec", "nodeName"}).empty()) {
    return BadRequest("pod " + path.name + " does not have a host assigned");
  }
  return StatusResponse(kubernetes::StatusFailure(
      501, "NotImplemented",
      "kless simulates containers: there is no process for " + path.subresource, nullptr));
}

}  // namespace kless::doors
