#include "functions/controllers/loop/event_recorder.h"

#include <algorithm>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"

namespace kless::controllers {

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/client-go/tools/record/events_cache.go
constexpr std::size_t kMaxEntries = 4096;          // maxLruCacheEntries
constexpr std::size_t kMaxDifferentMessages = 10;  // defaultAggregateMaxEvents
constexpr std::int64_t kAggregateWindowNanos = 600'000'000'000;
constexpr double kSpamBurst = 25;
constexpr double kSpamPerNano = 1.0 / 300e9;
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/client-go/tools/events/event_broadcaster.go
constexpr std::int64_t kSeriesFinishNanos = 360'000'000'000;  // finishTime
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/scheduler/schedule_one.go
constexpr std::size_t kMaxNoteBytes = 1024;

std::string EventKey(const EventTarget& target) {
  std::string key;
  for (const std::string* part :
       {&target.kind, &target.namespace_name, &target.name, &target.uid, &target.api_version}) {
    key += *part;
    key += '\n';
  }
  return key;
}

// Builds "<object>.<16 hexadecimal digits>".
std::string EventName(const std::string& object, const std::string& uid) {
  return object + "." + HexDigits(HashBytes(uid));
}

void Member(std::string& out, std::string_view key, std::string_view value, bool first = false) {
  if (!first) out += ',';
  AppendJsonString(out, key);
  out += ':';
  AppendJsonString(out, value);
}

// Appends "involvedObject":{...}.
void InvolvedObject(std::string& out, const EventTarget& target) {
  out += R"(,"involvedObject":{)";
  Member(out, "apiVersion", target.api_version, true);
  Member(out, "kind", target.kind);
  Member(out, "name", target.name);
  if (!target.namespace_name.empty()) Member(out, "namespace", target.namespace_name);
  Member(out, "resourceVersion", std::to_string(target.resource_version));
  Member(out, "uid", target.uid);
  out += '}';
}

void Metadata(std::string& out, const std::string& created, const std::string& name,
              const std::string& namespace_name, const std::string& uid) {
  out += R"(,"metadata":{)";
  Member(out, "creationTimestamp", created, true);
  Member(out, "name", name);
  Member(out, "namespace", namespace_name);
  Member(out, "uid", uid);
  out += '}';
}

// Cluster-scoped objects have their events in "default".
const std::string& EventNamespace(const EventTarget& target) {
  static const std::string kDefault = "default";
  return target.namespace_name.empty() ? kDefault : target.namespace_name;
}

std::string CutNote(std::string note) {
  static constexpr std::string_view kEnd = " ...";
  if (note.size() <= kMaxNoteBytes) return note;
  note.resize(kMaxNoteBytes - kEnd.size());
  return note.append(kEnd);
}

}  // namespace

EventRecorder::EventRecorder(std::string component)
    : component_(std::move(component)),
      sources_(kMaxEntries),
      aggregates_(kMaxEntries),
      seen_(kMaxEntries),
      series_(kMaxEntries) {}

bool EventRecorder::Folds(const std::string& group_key, const std::string& message,
                          std::int64_t unix_nanos) {
  Aggregate& aggregate = aggregates_[group_key];
  if (unix_nanos - aggregate.last_unix_nanos > kAggregateWindowNanos) aggregate.messages.clear();
  aggregate.last_unix_nanos = unix_nanos;
  aggregate.messages.insert(message);
  if (aggregate.messages.size() < kMaxDifferentMessages) return false;
  aggregate.messages.erase(message);
  return true;
}

bool EventRecorder::Spends(const std::string& source_key, std::int64_t unix_nanos) {
  Source& source = sources_[source_key];
  if (source.refilled_unix_nanos < 0) {
    source.tokens = kSpamBurst;
  } else {
    const auto elapsed = static_cast<double>(unix_nanos - source.refilled_unix_nanos);
    source.tokens = std::min(kSpamBurst, source.tokens + std::max(elapsed, 0.0) * kSpamPerNano);
  }
  source.refilled_unix_nanos = unix_nanos;
  if (source.tokens < 1) return false;
  source.tokens -= 1;
  return true;
}

std::optional<EventWrite> EventRecorder::Record(const EventTarget& target, const EventNote& note,
                                                const std::string& name, std::int64_t unix_nanos,
                                                const std::string& uid) {
  std::string message = note.append_name ? note.message + name : note.message;
  if (!note.action.empty()) {
    return RecordAction(target, note, std::move(message), unix_nanos, uid);
  }
  const std::string source_key = EventKey(target);
  const std::string group_key = source_key + note.type + "\n" + note.reason + "\n";
  const bool folded = Folds(group_key, message, unix_nanos);
  Seen& seen = seen_[folded ? group_key : group_key + message];
  if (++seen.count == 1) {
    seen.event_name = EventName(target.name, uid);
    seen.uid = uid;
    seen.first_unix_nanos = unix_nanos;
  }
  if (!Spends(source_key, unix_nanos)) return std::nullopt;
  if (folded) message = "(combined from similar events): " + message;

  const std::string& event_namespace = EventNamespace(target);
  const std::string first_time = FormatTime(seen.first_unix_nanos);
  std::string out;
  out.reserve(768);
  out += R"({"apiVersion":"v1","count":)";
  out += std::to_string(seen.count);
  out += R"(,"eventTime":null)";
  Member(out, "firstTimestamp", first_time);
  InvolvedObject(out, target);
  out += R"(,"kind":"Event")";
  Member(out, "lastTimestamp", FormatTime(unix_nanos));
  Member(out, "message", message);
  Metadata(out, first_time, seen.event_name, event_namespace, seen.uid);
  Member(out, "reason", note.reason);
  // An aggregated event names no reporting component (reference CM7).
  Member(out, "reportingComponent", folded ? std::string_view() : std::string_view(component_));
  Member(out, "reportingInstance", "");
  out += R"(,"source":{)";
  Member(out, "component", component_, true);
  out += '}';
  Member(out, "type", note.type);
  out += '}';

  EventWrite write;
  write.id = {"event", event_namespace + "/" + seen.event_name};
  write.document = std::move(out);
  write.create = !seen.written;
  seen.written = true;
  return write;
}

EventWrite EventRecorder::RecordAction(const EventTarget& target, const EventNote& note,
                                       std::string message, std::int64_t unix_nanos,
                                       const std::string& uid) {
  const std::string key = EventKey(target) + std::to_string(target.resource_version) + "\n" +
                          note.type + "\n" + note.action + "\n" + note.reason;
  Series& series = series_[key];
  if (unix_nanos - series.last_unix_nanos > kSeriesFinishNanos) series = {};
  series.last_unix_nanos = unix_nanos;
  if (++series.count == 1) {
    series.event_name = EventName(target.name, uid);
    series.uid = uid;
    series.note = CutNote(std::move(message));
    series.first_unix_nanos = unix_nanos;
  }
  const std::string& event_namespace = EventNamespace(target);
  std::string out;
  out.reserve(1024);
  out += '{';
  Member(out, "action", note.action, true);
  out += R"(,"apiVersion":"v1")";
  Member(out, "eventTime", FormatMicroTime(series.first_unix_nanos));
  out += R"(,"firstTimestamp":null)";
  InvolvedObject(out, target);
  out += R"(,"kind":"Event","lastTimestamp":null)";
  Member(out, "message", series.note);
  Metadata(out, FormatTime(series.first_unix_nanos), series.event_name, event_namespace,
           series.uid);
  Member(out, "reason", note.reason);
  Member(out, "reportingComponent", component_);
  Member(out, "reportingInstance", component_ + "-kless");
  if (series.count > 1) {
    out += R"(,"series":{"count":)" + std::to_string(series.count);
    Member(out, "lastObservedTime", FormatMicroTime(unix_nanos));
    out += '}';
  }
  out += R"(,"source":{})";
  Member(out, "type", note.type);
  out += '}';
  EventWrite write;
  write.id = {"event", event_namespace + "/" + series.event_name};
  write.document = std::move(out);
  write.create = series.count == 1;
  return write;
}

}  // namespace kless::controllers
