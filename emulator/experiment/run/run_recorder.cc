#include "emulator/experiment/run/run_recorder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::experiment {
namespace {

constexpr int kReadAtOnce = 1000;
constexpr const char* kNamespace = "default/";

std::int64_t& At(PodTiming* pod, Cause cause) {
  return pod->causes[static_cast<std::size_t>(cause)];
}

}  // namespace

int PodsWanted(const std::string& document) {
  const auto parsed = ParseJson(document);
  if (parsed.has_error()) return 0;
  const nlohmann::json& job = parsed.value();
  const nlohmann::json* suspend = kubernetes::Find(job, {"spec", "suspend"});
  if (suspend != nullptr && *suspend == true) return 0;
  const auto parallelism = kubernetes::IntegerAt(job, {"spec", "parallelism"}).value_or(1);
  const auto completions =
      kubernetes::IntegerAt(job, {"spec", "completions"}).value_or(parallelism);
  return static_cast<int>(
      std::clamp<std::int64_t>(std::min(parallelism, completions), 0, 1'000'000));
}

void RunRecorder::Begin(Store& store) {
  store_ = &store;
  store.EndTurn();
  position_ = store.feed().Latest();
  first_row_ = store.invocations().LatestId();
  began_at_ = event_loop_.Now();
  counting_ = true;
  visible_.clear();
  works_.clear();
  pods_.clear();
  result_.throttles.clear();
  result_.environments.clear();
  result_.counts.clear();
  Sample(began_at_);
  NotePeak();
}

int RunRecorder::AddJob(const std::string& name, TimePoint due, int pods) {
  const int index = static_cast<int>(result_.jobs.size());
  JobTiming job;
  job.name = name;
  job.due = Since(due);
  job.written = -1;
  job.begun = -1;
  job.pods_wanted = pods;
  result_.jobs.push_back(std::move(job));
  job_traces_.emplace_back();
  jobs_.emplace(name.find('/') == std::string::npos ? kNamespace + name : name, index);
  pods_missing_ += pods;
  return index;
}

void RunRecorder::JobBegun(int job) {
  result_.jobs[static_cast<std::size_t>(job)].begun = Since(event_loop_.Now());
}
void RunRecorder::JobArrived(int job) {
  job_traces_[static_cast<std::size_t>(job)].arrived = event_loop_.Now();
}
void RunRecorder::JobAnswered(int job) {
  result_.jobs[static_cast<std::size_t>(job)].answered = Since(event_loop_.Now());
}
void RunRecorder::AddInvocation(const std::string& request_id, Duration ideal) {
  ideals_.emplace(request_id, ideal);
}

void RunRecorder::OnVisible(const ChangeRecord& record, TimePoint visible_at) {
  if (!counting_ || record.type != ChangeType::kInsert) return;
  const ResourceFields* fields = record.new_image ? record.new_image->fields.get() : nullptr;
  if (fields != nullptr && fields->owner_uid.empty()) visible_[record.sequence] = visible_at;
}

void RunRecorder::OnWorkStarted(const WorkTrace& work) {
  if (!counting_) return;
  WorkTrace& kept = works_[work.work] = work;
  kept.caused_by.clear();
}

void RunRecorder::OnWrite(const WriteTrace& write) {
  if (!counting_ || !write.created || write.id.type != "pod" || write.sequence == 0) return;
  pods_[write.sequence] = {write.work, write.reconcile_began_at, write.spent};
}

void RunRecorder::Sample(TimePoint at) {
  EnvironmentSample sample = all_environments_;
  sample.at = Since(at);
  auto& samples = result_.environments;
  if (!samples.empty() && samples.back().at == sample.at) {
    samples.back() = sample;
  } else {
    samples.push_back(sample);
  }
}

void RunRecorder::OnEnvironments(TimePoint at, const std::string& function,
                                 const EnvironmentCounts& counts) {
  EnvironmentCounts& kept = environments_[function];
  all_environments_.initializing += counts.initializing - kept.initializing;
  all_environments_.busy += counts.busy - kept.busy;
  all_environments_.idle += counts.idle - kept.idle;
  kept = counts;
  if (!counting_) return;
  Sample(at);
  NotePeak();
}

// Samples of the same instant replace each other, so they do not tell the peak.
void RunRecorder::NotePeak() {
  result_.concurrency_peak =
      std::max(result_.concurrency_peak, all_environments_.initializing + all_environments_.busy);
}

void RunRecorder::OnThrottle(TimePoint at, const std::string& /*function*/) {
  if (counting_) result_.throttles.push_back(Since(at));
}

void RunRecorder::OnStartupStage(TimePoint ended_at, const std::string& name, Duration took) {
  operational_at_ = ended_at;
  result_.startup.push_back({name, took.count()});
}

void RunRecorder::OnStoreCall(bool write, std::uint64_t items) {
  if (counting_) result_.counts[write ? "store_writes" : "store_reads"] += items;
}

TimePoint RunRecorder::WrittenAt(const ChangeRecord& record) const {
  return event_loop_.Now() - Duration(event_loop_.UnixNanos() - record.unix_nanos);
}

bool RunRecorder::Read(int records) {
  for (int read = 0; read < records;) {
    const auto batch = store_->feed().Read(position_, kReadAtOnce);
    if (batch.has_error() || batch.value().empty()) return false;
    for (const RecordPtr& record : batch.value()) {
      position_ = record->sequence;
      ++result_.counts["feed_records"];
      const ResourceId id = store_->resources().IdOf(record->key);
      if (record->new_image) {
        result_.counts["item_bytes_written"] += record->new_image->document.size();
      }
      if (id.type == "event") ++result_.counts["events"];
      if (record->type != ChangeType::kInsert) {
        if (id.type == "job") ReadJobChange(*record, id.name);
        if (id.type == "pod") ReadPodChange(*record, id);
        continue;
      }
      if (id.type == "job") ReadJob(*record, id.name);
      if (id.type == "pod") ReadPod(*record, id);
    }
    read += static_cast<int>(batch.value().size());
  }
  return true;
}

void RunRecorder::ReadJob(const ChangeRecord& record, const std::string& name) {
  ++result_.counts["user_writes"];
  auto found = jobs_.find(name);
  if (found == jobs_.end()) {
    if (!follows_all_) return;
    AddJob(name, WrittenAt(record), PodsWanted(record.new_image->document));
    found = jobs_.find(name);
    job_traces_.back().arrived = WrittenAt(record);
    result_.jobs.back().begun = Since(WrittenAt(record));
  }
  const auto index = static_cast<std::size_t>(found->second);
  result_.jobs[index].written = Since(WrittenAt(record));
  job_traces_[index].sequence = record.sequence;
}

void RunRecorder::ReadPod(const ChangeRecord& record, const ResourceId& id) {
  if (!record.new_image || !record.new_image->fields) return;
  const auto found =
      jobs_.find(id.name.substr(0, id.name.find('/') + 1) + record.new_image->fields->owner_name);
  if (found == jobs_.end()) return;
  JobTiming& job = result_.jobs[static_cast<std::size_t>(found->second)];
  if (++job.pods <= job.pods_wanted) --pods_missing_;
  PodTiming pod;
  pod.job = found->second;
  pod.name = id.name.substr(id.name.find('/') + 1);
  const TimePoint created = WrittenAt(record);
  pod.created = Since(created);
  const auto trace = pods_.find(record.sequence);
  if (trace != pods_.end()) {
    FillCauses(found->second, created, trace->second, &pod);
    const std::int64_t began = Since(trace->second.reconcile_began_at);
    if (job.reconciled < 0 || began < job.reconciled) job.reconciled = began;
    pods_.erase(trace);
  } else {
    At(&pod, Cause::kOther) = pod.created - job.due;
  }
  result_.pods.push_back(std::move(pod));
}

void RunRecorder::ReadJobChange(const ChangeRecord& record, const std::string& name) {
  if (!follows_all_) return;
  const auto deletes = [](const ItemPtr& image) {
    return !image || (image->fields && image->fields->deleting);
  };
  const auto found = jobs_.find(name);
  if (found == jobs_.end() || !deletes(record.new_image)) return;
  JobTiming& job = result_.jobs[static_cast<std::size_t>(found->second)];
  if (job.pods < job.pods_wanted) {
    ++result_.counts["jobs_deleted_early"];
    pods_missing_ -= job.pods_wanted - job.pods;
    job.pods_wanted = job.pods;
  }
  if (record.type == ChangeType::kRemove) jobs_.erase(found);
}

// Counts the pods of Jobs that end.
void RunRecorder::ReadPodChange(const ChangeRecord& record, const ResourceId& id) {
  const auto phase_of = [](const ItemPtr& image) {
    return image && image->fields ? image->fields->phase : PodPhase::kNone;
  };
  const PodPhase before = phase_of(record.old_image), after = phase_of(record.new_image);
  const bool succeeded = after == PodPhase::kSucceeded;
  if (after == before || (!succeeded && after != PodPhase::kFailed)) return;
  const std::string space = id.name.substr(0, id.name.find('/') + 1);
  if (!jobs_.contains(space + record.new_image->fields->owner_name)) return;
  ++result_.counts[succeeded ? "pods_succeeded" : "pods_failed"];
  result_.last_pod_end = Since(WrittenAt(record));
}

// Follows the pod from its Job's due time to its write; each step ends one cause and begins the
// next.
void RunRecorder::FillCauses(int index, TimePoint created, const PodTrace& trace,
                             PodTiming* pod) const {
  const JobTiming& job = result_.jobs[static_cast<std::size_t>(index)];
  const JobTrace& traced = job_traces_[static_cast<std::size_t>(index)];
  std::int64_t cursor = job.due;
  const auto pass = [&](std::int64_t until, Cause cause) {
    const std::int64_t end = std::min(until, Since(created));
    if (end <= cursor) return;
    At(pod, cause) += end - cursor;
    cursor = end;
  };
  pass(Since(traced.arrived), Cause::kSubmit);
  pass(job.written, Cause::kCommit);
  pass(std::min(Since(operational_at_), Since(created)), Cause::kInit);
  const auto visible = visible_.find(traced.sequence);
  if (visible != visible_.end()) pass(Since(visible->second), Cause::kFeed);
  const auto found = works_.find(trace.work);
  if (found != works_.end()) {
    const WorkTrace& work = found->second;
    pod->start = work.place.starts_with("worker-") ? "" : StartKindName(work.start);
    pass(Since(work.requested_at), Cause::kLane);
    pass(Since(work.admitted_at), work.throttles > 0 ? Cause::kThrottle : Cause::kLane);
    pass(Since(work.started_at), work.start == StartKind::kCold ? Cause::kInit : Cause::kWait);
    pass(Since(trace.reconcile_began_at), pod->start.empty() ? Cause::kLane : Cause::kBatch);
  }
  const std::int64_t rest = Since(created) - cursor;
  const WorkTime& spent = trace.spent;
  const std::int64_t known =
      (spent.store + spent.compute + spent.first_request + spent.throttle).count();
  if (known > rest) {  // its work began before its Job existed, for an earlier record
    At(pod, Cause::kOther) += rest;
    return;
  }
  At(pod, Cause::kStore) += spent.store.count();
  At(pod, Cause::kCompute) += spent.compute.count();
  At(pod, Cause::kFirstRequest) += spent.first_request.count();
  At(pod, Cause::kThrottle) += spent.throttle.count();
  At(pod, Cause::kOther) += rest - known;
}

void RunRecorder::AddFeedSample(Duration iterator_age, std::uint64_t queued) {
  result_.feed.push_back({Since(event_loop_.Now()), iterator_age.count(), queued});
}

void RunRecorder::AddInvocations() {
  std::uint64_t after = first_row_;
  const std::int64_t epoch = event_loop_.UnixNanos() - event_loop_.Now().time_since_epoch().count();
  for (;;) {
    const auto rows = store_->invocations().Read("", after, 10'000);
    if (rows.empty()) return;
    after = rows.back().id;
    for (const InvocationRecord& row : rows) {
      InvocationTiming made;
      made.function = row.function;
      made.environment = row.environment;
      made.start = row.outcome == "throttled" ? "" : StartKindName(row.start);
      made.outcome = row.outcome;
      made.requested = row.requested_unix_nanos - epoch - began_at_.time_since_epoch().count();
      made.queued = row.queued;
      made.init = row.init;
      made.run = row.run;
      made.store = row.store;
      made.billed = row.billed;
      made.memory_mb = row.memory_mb;
      made.throttles = row.throttles;
      const auto ideal = ideals_.find(row.request_id);
      if (ideal != ideals_.end()) made.ideal = ideal->second.count();
      result_.invocations.push_back(std::move(made));
    }
  }
}

RunResult RunRecorder::Finish() {
  while (Read()) {
  }
  AddInvocations();
  result_.end = Since(event_loop_.Now());
  result_.counts.emplace("store_reads", 0);
  result_.counts.emplace("store_writes", 0);
  counting_ = false;
  return std::move(result_);
}

}  // namespace kless::experiment
