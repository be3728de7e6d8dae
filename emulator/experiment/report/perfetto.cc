#include "emulator/experiment/report/perfetto.h"

#include <algorithm>
#include <map>

#include "emulator/base/json.h"
#include "emulator/base/number_text.h"

namespace kless::experiment {
namespace {

enum TraceProcess { kEnvironments = 1, kJobs = 2, kCounters = 3 };

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(quoted, text);
  return quoted;
}

// Written by hand, because the document of a large run has a hundred thousand events.
class EventList {
 public:
  void NameProcess(int process, std::string_view name) {
    Add("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":" + std::to_string(process) +
        ",\"args\":{\"name\":" + Quoted(name) + "}}");
    Add("{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":" + std::to_string(process) +
        ",\"args\":{\"sort_index\":" + std::to_string(process) + "}}");
  }
  void NameTrack(int process, std::size_t track, std::string_view name) {
    const std::string place =
        "\"pid\":" + std::to_string(process) + ",\"tid\":" + std::to_string(track);
    Add("{\"ph\":\"M\",\"name\":\"thread_name\"," + place + ",\"args\":{\"name\":" + Quoted(name) +
        "}}");
    Add("{\"ph\":\"M\",\"name\":\"thread_sort_index\"," + place +
        ",\"args\":{\"sort_index\":" + std::to_string(track) + "}}");
  }
  // `arguments`: members of a JSON object.
  void Slice(int process, std::size_t track, std::string_view name, std::int64_t begin,
             std::int64_t duration, const std::string& arguments) {
    Add("{\"ph\":\"X\",\"name\":" + Quoted(name) + ",\"pid\":" + std::to_string(process) +
        ",\"tid\":" + std::to_string(track) + ",\"ts\":" + FormatMicroseconds(begin) +
        ",\"dur\":" + FormatMicroseconds(duration) +
        (arguments.empty() ? "}" : ",\"args\":{" + arguments + "}}"));
  }
  void Counter(std::string_view name, std::int64_t at, const std::string& values) {
    Add("{\"ph\":\"C\",\"name\":" + Quoted(name) + ",\"pid\":" + std::to_string(kCounters) +
        ",\"ts\":" + FormatMicroseconds(at) + ",\"args\":{" + values + "}}");
  }
  void Metadata(std::string_view name, const std::string& values) {
    Add("{\"ph\":\"M\",\"name\":" + Quoted(name) + ",\"pid\":" + std::to_string(kCounters) +
        ",\"args\":{" + values + "}}");
  }
  std::string Take() {
    return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + text_ + "\n]}\n";
  }

 private:
  void Add(const std::string& event) {
    if (!text_.empty()) text_ += ",\n";
    text_ += event;
  }
  std::string text_;
};

std::string Member(std::string_view name, std::string_view value) {
  return Quoted(name) + ":" + Quoted(value);
}
std::string Member(std::string_view name, std::int64_t value) {
  return Quoted(name) + ":" + std::to_string(value);
}

void AddInvocationEvents(EventList& events, const RunResult& run) {
  events.NameProcess(kEnvironments, "environments");
  std::map<std::string, std::size_t> tracks;
  const std::size_t shown = std::min(run.invocations.size(), kTraceInvocationsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const InvocationTiming& row = run.invocations[i];
    if (row.environment.empty()) continue;  // refused: it ran nowhere
    const auto [track, is_new] = tracks.try_emplace(row.environment, tracks.size() + 1);
    if (is_new) events.NameTrack(kEnvironments, track->second, row.environment);
    const std::int64_t begin = row.requested + row.queued;
    // The rest of the init that a waited invocation waited for lies within the slice of the cold
    // one.
    if (row.start == "cold" && row.init > 0) {
      events.Slice(kEnvironments, track->second, "init", begin, row.init,
                   Member("function", row.function));
    }
    events.Slice(kEnvironments, track->second, row.start + " run", begin + row.init, row.run,
                 Member("function", row.function) + "," + Member("outcome", row.outcome) +
                     ",\"queued_ms\":" + FormatNumber(static_cast<double>(row.queued) / 1e6) +
                     ",\"store_ms\":" + FormatNumber(static_cast<double>(row.store) / 1e6) + "," +
                     Member("throttles", row.throttles));
  }
}

void AddPodEvents(EventList& events, const RunResult& run) {
  events.NameProcess(kJobs, "jobs");
  // Pods are in the order of their Jobs, so that those of one Job are together.
  std::vector<std::size_t> order(std::min(run.pods.size(), kTracePodsMax));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return run.pods[a].job < run.pods[b].job; });
  std::size_t track = 0;
  for (const std::size_t i : order) {
    const PodTiming& pod = run.pods[i];
    const JobTiming& job = run.jobs[static_cast<std::size_t>(pod.job)];
    events.NameTrack(kJobs, ++track, job.pods > 1 ? job.name + " / " + pod.name : job.name);
    events.Slice(kJobs, track, pod.name, job.due, pod.created - job.due,
                 Member("job", job.name) + "," + Member("start", pod.start));
    std::int64_t at = job.due;
    for (std::size_t k = 0; k < kCauses; ++k) {
      if (pod.causes[k] > 0) events.Slice(kJobs, track, CauseNames()[k], at, pod.causes[k], "");
      at += pod.causes[k];
    }
  }
}

void AddCounters(EventList& events, const RunResult& run) {
  events.NameProcess(kCounters, "counters");
  for (const EnvironmentSample& sample : run.environments) {
    events.Counter("environments", sample.at,
                   Member("initializing", sample.initializing) + "," + Member("busy", sample.busy) +
                       "," + Member("idle", sample.idle));
  }
  std::int64_t refused = 0;
  for (const std::int64_t at : run.throttles) {
    events.Counter("throttles", at, Member("throttles", ++refused));
  }
  for (const FeedSample& sample : run.feed) {
    events.Counter("iterator age (ms)", sample.at,
                   "\"age\":" + FormatNumber(static_cast<double>(sample.iterator_age) / 1e6));
    events.Counter("records waiting", sample.at,
                   Member("records", static_cast<std::int64_t>(sample.queued)));
  }
}

}  // namespace

std::string MakeTrace(const RunResult& run, const std::string& case_name) {
  EventList events;
  AddInvocationEvents(events, run);
  AddPodEvents(events, run);
  AddCounters(events, run);
  events.Metadata("run", Member("case", case_name) + ",\"seed\":" + std::to_string(run.seed));
  const std::size_t pods = run.pods.size() - std::min(run.pods.size(), kTracePodsMax);
  const std::size_t invocations =
      run.invocations.size() - std::min(run.invocations.size(), kTraceInvocationsMax);
  if (pods + invocations > 0) {
    events.Metadata("left_out", Member("pods", static_cast<std::int64_t>(pods)) + "," +
                                    Member("invocations", static_cast<std::int64_t>(invocations)));
  }
  return events.Take();
}

}  // namespace kless::experiment
