#include "functions/controllers/event_recorder.h"

#include <algorithm>
#include <cstdio>

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

std::string Key(const EventTarget& target) {
  std::string key;
  for (const std::string* part :
       {&target.kind, &target.namespace_name, &target.name, &target.uid, &target.api_version}) {
    key += *part;
    key += '\n';
  }
  return key;
}

// "<object>.<16 hexadecimal digits>".
std::string EventName(const std::string& object, const std::string& uid) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(HashBytes(uid)));
  return object + "." + digits;
}

void Member(std::string& out, std::string_view key, std::string_view value, bool first = false) {
  if (!first) out += ',';
  AppendJsonString(out, key);
  out += ':';
  AppendJsonString(out, value);
}

}  // namespace

EventRecorder::EventRecorder(std::string component)
    : component_(std::move(component)),
      sources_(kMaxEntries),
      aggregates_(kMaxEntries),
      seen_(kMaxEntries) {}

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
  const std::string source_key = Key(target);
  const std::string group_key = source_key + note.type + "\n" + note.reason + "\n";
  std::string message = note.append_name ? note.message + name : note.message;
  const bool folded = Folds(group_key, message, unix_nanos);
  Seen& seen = seen_[folded ? group_key : group_key + message];
  if (++seen.count == 1) {
    seen.event_name = EventName(target.name, uid);
    seen.uid = uid;
    seen.first_unix_nanos = unix_nanos;
  }
  if (!Spends(source_key, unix_nanos)) return std::nullopt;
  if (folded) message = "(combined from similar events): " + message;

  // Cluster-scoped objects have their events in "default".
  const std::string& event_namespace =
      target.namespace_name.empty() ? std::string("default") : target.namespace_name;
  const std::string first_time = FormatTime(seen.first_unix_nanos);
  std::string out;
  out.reserve(768);
  out += R"({"apiVersion":"v1","count":)";
  out += std::to_string(seen.count);
  out += R"(,"eventTime":null)";
  Member(out, "firstTimestamp", first_time);
  out += R"(,"involvedObject":{)";
  Member(out, "apiVersion", target.api_version, true);
  Member(out, "kind", target.kind);
  Member(out, "name", target.name);
  if (!target.namespace_name.empty()) Member(out, "namespace", target.namespace_name);
  Member(out, "resourceVersion", std::to_string(target.resource_version));
  Member(out, "uid", target.uid);
  out += R"(},"kind":"Event")";
  Member(out, "lastTimestamp", FormatTime(unix_nanos));
  Member(out, "message", message);
  out += R"(,"metadata":{)";
  Member(out, "creationTimestamp", first_time, true);
  Member(out, "name", seen.event_name);
  Member(out, "namespace", event_namespace);
  Member(out, "uid", seen.uid);
  out += '}';
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

}  // namespace kless::controllers
