#include "emulator/experiment/run/run.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/system/scratch_folder.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/emulator.h"
#include "emulator/experiment/run/replayer.h"
#include "emulator/experiment/run/run_recorder.h"
#include "emulator/experiment/run/submitter.h"
#include "emulator/experiment/workload/workload.h"
#include "emulator/settings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::experiment {
namespace {

// The feed is sampled at this interval at first, then every five hundredth of the elapsed time.
constexpr Duration kSamplePeriod = std::chrono::milliseconds(20);
constexpr int kSamplesPerRun = 500;
constexpr int kWarmUpJobsMax = 100;
// Functions of a trace are initialised for a warm start; the longest init is well below this.
constexpr Duration kWarmUpInit = std::chrono::minutes(1);
constexpr Duration kWarmUpLimit = std::chrono::hours(24);
// Real time between two checks whether the run is over.
constexpr Duration kRealPoll = std::chrono::milliseconds(1);
constexpr std::uint64_t kTrimRecords = 100'000;

// Whether a Job is Complete or Failed.
bool HasEnded(const std::string& document) {
  const auto job = ParseJson(document);
  if (job.has_error()) return false;
  const nlohmann::json* const conditions = kubernetes::Find(job.value(), {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return false;
  return std::any_of(conditions->begin(), conditions->end(), [](const nlohmann::json& condition) {
    const std::string type = kubernetes::StringAt(condition, "type");
    return (type == "Complete" || type == "Failed") &&
           kubernetes::StringAt(condition, "status") == "True";
  });
}

// Advances the world's clock, virtual or real, until a condition holds.
class Clockwork {
 public:
  Clockwork(asio::io_context& context, bool real, double speed) {
    if (real) {
      auto made = std::make_unique<RealEventLoop>(context, speed);
      real_ = made.get();
      event_loop_ = std::move(made);
    } else {
      auto made = std::make_unique<VirtualEventLoop>(context);
      virtual_ = made.get();
      event_loop_ = std::move(made);
    }
  }
  EventLoop& event_loop() { return *event_loop_; }

  // Virtual time can ask after each turn, because nothing but its loop moves the clock.  In real
  // time the loop blocks until something happens, so a timer asks.
  bool RunUntil(const std::function<bool()>& done, TimePoint limit) {
    if (virtual_ != nullptr) return virtual_->RunUntil(done, limit);
    bool held = false;
    Poll(done, limit, &held);
    real_->Run();
    return held;
  }

 private:
  void Poll(const std::function<bool()>& done, TimePoint limit, bool* held) {
    // The references belong to the frame of RunUntil, which waits in Run().  Once this function has
    // called Stop, it sets no further timer that could outlive them.
    *held = done();
    if (*held || real_->Now() >= limit) return real_->Stop();
    real_->CallAt(real_->Now() + kRealPoll,
                  [this, &done, limit, held] { Poll(done, limit, held); });
  }

  std::unique_ptr<EventLoop> event_loop_;
  VirtualEventLoop* virtual_ = nullptr;
  RealEventLoop* real_ = nullptr;
};

class Runner {
 public:
  Runner(const RunSpec& spec, std::uint64_t seed, const RunOptions& options)
      : spec_(spec),
        seed_(seed),
        options_(options),
        context_(1),
        clock_(context_, options.real, spec.config.speed),
        recorder_(clock_.event_loop()) {}

  Result<RunResult> Run() {
    // The workload is made before the world: a wrong description costs no scratch file, and its
    // draws come from a stream of their own, so that they are the same for every control plane.
    KLESS_TRY(auto workload, MakeTheWorkload());
    workload_ = std::move(workload);
    KLESS_TRY_VOID(Open());
    KLESS_TRY_VOID(WarmUp());
    KLESS_TRY_VOID(Measure());
    return Close();
  }

 private:
  Result<Workload> MakeTheWorkload() {
    if (spec_.recording) return Workload{};
    KLESS_TRY(auto description, ParseJson(spec_.workload));
    Random random(seed_, "workload");
    return MakeWorkload(description, spec_.folder, random);
  }

  Result<void> Open() {
    KLESS_TRY(auto folder, ScratchFolder::Make());
    scratch_ = std::move(folder);
    Config config = spec_.config;
    config.seed = seed_;
    // A run is repeated after a crash rather than recovered, and in virtual time each instant is a
    // turn.  A commit for each of them would be most of the cost.
    config.store.durability = Durability::kScratch;
    config.store.path = scratch_->path() + "/kless.db";
    if (!spec_.from.empty()) {
      std::error_code error;
      std::filesystem::copy_file(spec_.from, config.store.path, error);
      if (error) {
        return MakeError(ErrorCode::kNotFound,
                         spec_.from + ": cannot be copied: " + error.message());
      }
    }
    KLESS_TRY(auto made, Emulator::Create(clock_.event_loop(), std::move(config), &recorder_));
    emulator_ = std::move(made);
    return RegisterTraceFunctions(*emulator_, workload_);
  }

  bool Interrupted() {
    // Asking costs a call: not after every step.
    if (!options_.interrupted || ++turns_ % 16 != 0) return interrupted_;
    return interrupted_ = interrupted_ || options_.interrupted();
  }
  Error Cancelled() const { return MakeError(ErrorCode::kCancelled, "interrupted"); }

  bool RunUntilIdle(TimePoint limit) {
    const auto idle = [this] { return Interrupted() || emulator_->Idle(); };
    return clock_.RunUntil(idle, limit) && !interrupted_;
  }

  // Prepares a warm start: the classic control plane works; the functions have served the
  // workload's first Jobs and are idle.
  Result<void> WarmUp() {
    EventLoop& event_loop = clock_.event_loop();
    // A snapshot may hold work that was pending when it was made.  It is finished first, so that
    // none of it is counted as work of this run; and a warm classic plane has its start-up behind
    // it.
    if (!spec_.from.empty() || (spec_.warm && emulator_->controller_manager() != nullptr)) {
      if (!RunUntilIdle(event_loop.Now() + kWarmUpLimit)) {
        if (interrupted_) return Cancelled();
        return MakeError(ErrorCode::kTimedOut, "the control plane does not become idle after " +
                                                   FormatDuration(kWarmUpLimit) + Failures(": "));
      }
    }
    if (!spec_.warm || emulator_->controller_manager() != nullptr) return {};
    Workload before;
    const int wanted = spec_.warm_up_jobs < 0 ? kWarmUpJobsMax : spec_.warm_up_jobs;
    for (const Arrival& arrival : workload_.arrivals) {
      if (arrival.function >= 0 || static_cast<int>(before.arrivals.size()) >= wanted) break;
      before.arrivals.push_back(arrival);
      // They arrive together, so that as many environments become warm as the workload keeps busy.
      // One after another they would all be served by the same one.
      before.arrivals.back().at = Duration::zero();
    }
    if (spec_.recording) {
      // Jobs of one pod: a recording does not tell beforehand how many environments it needs.
      before.arrivals.resize(static_cast<std::size_t>(wanted));
    }
    for (std::size_t i = 0; i < before.arrivals.size(); ++i) {
      Spawn(event_loop, "warm-up", SubmitWarmUp(i, before.arrivals[i]));
    }
    for (std::size_t i = 0; i < workload_.functions.size(); ++i) {
      KLESS_TRY_VOID(emulator_->pool().Warm(TraceFunctionName(i), 1));
    }
    if (before.arrivals.empty() && workload_.functions.empty()) return {};
    // Both conditions are needed: the world looks idle before the first request has reached it, and
    // the last reply comes before its reconcile ends.
    const auto done = [&] {
      return Interrupted() || (warmed_up_ == before.arrivals.size() && emulator_->Idle());
    };
    if (!clock_.RunUntil(done, event_loop.Now() + kWarmUpLimit)) {
      return MakeError(ErrorCode::kTimedOut, "the warm-up does not become idle after " +
                                                 FormatDuration(kWarmUpLimit) + Failures(": "));
    }
    if (interrupted_) return Cancelled();
    // A world that gave up records while it warmed up is not warm, and its first measured Jobs
    // would pay for that.  An error is better than such numbers.
    if (Discarded() > 0) {
      return MakeError(ErrorCode::kInternal, "the warm-up failed: " + Failures(""));
    }
    if (!workload_.functions.empty()) RunFor(kWarmUpInit);
    if (warm_up_problem_.empty()) return {};
    return MakeError(ErrorCode::kInternal, "the warm-up was refused: " + warm_up_problem_);
  }

  // The number of records that the mappings have given up.
  std::uint64_t Discarded() const {
    std::uint64_t discarded = 0;
    for (const auto& [name, mapping] : emulator_->mappings()) {
      discarded += mapping->Status().discarded;
    }
    return discarded;
  }

  // Returns what is wrong with the mappings that do not get on, after `joint`: "job-controller
  // discarded 12 records; its last invocation failed: Task timed out after 1.00 seconds".  "" if
  // all do.
  std::string Failures(const std::string& joint) const {
    std::string text;
    for (const auto& [name, mapping] : emulator_->mappings()) {
      const EventSourceMappingStatus status = mapping->Status();
      if (status.last_error.empty() && status.discarded == 0) continue;
      text += (text.empty() ? joint : "; ") + status.function;
      if (status.discarded > 0) {
        text += " discarded " + std::to_string(status.discarded) + " records";
      }
      if (status.last_error.empty()) continue;
      text += (status.discarded > 0 ? "; its last invocation failed: " : " failed: ") +
              status.last_error;
    }
    return text;
  }

  void RunFor(Duration duration) {
    const TimePoint end = clock_.event_loop().Now() + duration;
    clock_.RunUntil([&] { return Interrupted() || clock_.event_loop().Now() >= end; }, end);
  }

  // A world that continues another one's snapshot must use names that are not taken.
  std::string Prefix(const std::string& word) const {
    return emulator_->boots() <= 1 ? word : word + "-b" + std::to_string(emulator_->boots());
  }

  Task<> SubmitWarmUp(std::size_t index, Arrival arrival) {
    HttpRequest request =
        JobRequest(JobName(Prefix("warm-up"), index), arrival, emulator_->config());
    const HttpResponse response = co_await emulator_->router().Dispatch(std::move(request));
    ++warmed_up_;
    if (response.status != 201 && warm_up_problem_.empty()) {
      warm_up_problem_ = std::to_string(response.status) + " " + response.body;
    }
  }

  Result<void> Measure() {
    EventLoop& event_loop = clock_.event_loop();
    // The faults count their opportunities from now on; armed earlier, the warm-up would use them
    // up.
    for (const std::string& fault : spec_.faults) {
      auto parsed = ParseJson(fault);
      KLESS_TRY_VOID(emulator_->faults().Add(parsed.value()));
    }
    recorder_.Begin(emulator_->store());
    // The counters of the world run since its start, so what the warm-up did is subtracted at the
    // end.
    before_ = Totals();
    // This timer is set before those of the submitter.  At equal deadlines the snapshot is
    // therefore saved first, without the arrival.
    if (spec_.snapshot_at && !options_.snapshot.empty()) {
      event_loop.CallAt(event_loop.Now() + *spec_.snapshot_at, [this] { TakeSnapshot(); });
    }
    submitter_ = std::make_unique<Submitter>(event_loop, *emulator_, recorder_, spec_, workload_,
                                             Prefix("job"), seed_);
    submitter_->Start();
    Duration last = workload_.arrivals.empty() ? Duration::zero() : workload_.arrivals.back().at;
    if (spec_.recording) {
      recorder_.FollowAllJobs();
      replayer_ = std::make_unique<Replayer>(event_loop, emulator_->router(), *spec_.recording);
      replayer_->Start();
      if (!spec_.recording->requests.empty()) last = spec_.recording->requests.back().at;
    }
    Spawn(event_loop, "run recorder", Follow());
    Sample();
    const auto done = [this] {
      return Interrupted() || (submitter_->Done() && (!replayer_ || replayer_->Done()) &&
                               // Seen() reads what is left of the feed.  It comes last, so that it
                               // runs once everything else holds and not after each turn.
                               emulator_->AtRest() && Seen());
    };
    finished_ = clock_.RunUntil(done, event_loop.Now() + last + spec_.limit);
    // Sample and Follow end when they wake next and find this flag, so that nothing is sampled
    // after the end of the run.
    sampling_ = false;
    if (interrupted_) return Cancelled();
    TakeSample();  // at rest: curves end where the run does
    if (spec_.snapshot_at && !options_.snapshot.empty() && !snapshot_taken_) TakeSnapshot();
    return saved_;
  }

  // Saves the snapshot at its time, or at the end of a shorter run.
  void TakeSnapshot() {
    snapshot_taken_ = true;
    const auto saved = emulator_->store().SaveCopy(options_.snapshot);
    if (saved.has_error()) saved_ = saved.error();
  }

  // Whether the recorder has read everything committed.
  bool Seen() {
    while (recorder_.Read()) {
    }
    return true;
  }

  // Reads records soon after they are written: older ones have to be read from the file.
  Task<> Follow() {
    while (sampling_) {
      Seen();
      co_await emulator_->store().feed().WaitBeyond(recorder_.position(), std::nullopt);
    }
  }

  void Sample() {
    if (!sampling_) return;
    const std::uint64_t position = TakeSample();
    // A lagging index needs the records of its lag.
    // Memory and file of a long run stay bounded because every reader's position is known here:
    // nothing is trimmed that one of them has still to read.
    if (!spec_.keep_history && emulator_->config().latency.index_lag.IsZero()) {
      emulator_->store().Trim(kTrimRecords, position);
    }
    EventLoop& event_loop = clock_.event_loop();
    const Duration passed = event_loop.Now() - recorder_.began_at();
    // The period grows with the run, so a run of any length has enough samples for a curve and
    // never very many.
    const Duration period = std::max(kSamplePeriod, passed / kSamplesPerRun);
    event_loop.CallAt(event_loop.Now() + period, [this] { Sample(); });
  }

  // Returns the sequence number below which every reader has read the feed.
  std::uint64_t TakeSample() {
    Duration age{};
    std::uint64_t queued = 0;
    std::uint64_t position = recorder_.position();
    if (auto* manager = emulator_->controller_manager()) {
      queued = manager->queue_depth();
      position = std::min(position, manager->position());
    }
    for (const auto& [name, mapping] : emulator_->mappings()) {
      const EventSourceMappingStatus status = mapping->Status();
      age = std::max(age, status.iterator_age);
      queued += status.waiting;
      position = std::min(position, status.position);
    }
    recorder_.AddFeedSample(age, queued);
    return position;
  }

  std::map<std::string, std::uint64_t> Totals() const {
    std::map<std::string, std::uint64_t> totals;
    for (const auto& [name, mapping] : emulator_->mappings()) {
      const EventSourceMappingStatus status = mapping->Status();
      totals["delivered"] += status.delivered;
      totals["filtered"] += status.filtered;
      totals["batches"] += status.batches;
      totals["batch_errors"] += status.errors;
    }
    for (const std::string& name : emulator_->pool().Names()) {
      totals["environments_started"] += emulator_->pool().Stats(name).value().environments_started;
    }
    if (auto* manager = emulator_->controller_manager()) {
      totals["api_calls"] = manager->api_server().calls();
      totals["syncs"] = manager->syncs();
    }
    return totals;
  }

  Result<RunResult> Close() {
    const bool classic = emulator_->controller_manager() != nullptr;
    RunResult result = recorder_.Finish();
    result.seed = seed_;
    if (!classic) {
      result.concurrency_cap = emulator_->pool().account_concurrency();
      KLESS_TRY(const auto settings,
                SettingsOfFunction(emulator_->config(), control_planes::FunctionOfLoop("job")));
      result.environment_memory_mb = settings.config.memory_mb;
      for (const std::string& name : emulator_->pool().Names()) {
        const FunctionConfig config = emulator_->pool().Config(name).value();
        if (config.provisioned_concurrency == 0) continue;
        result.provisioned[name] = {config.provisioned_concurrency, config.memory_mb};
      }
    }
    for (const auto& [name, total] : Totals()) result.counts[name] = total - before_[name];
    if (replayer_) {
      result.counts["requests_replayed"] = replayer_->sent();
      result.counts["requests_left_out"] = replayer_->left_out();
      result.counts["requests_answered_otherwise"] = replayer_->answered_otherwise();
    } else if (workload_.functions.empty()) {
      result.counts["jobs_submitted"] = workload_.arrivals.size();
    } else {
      result.counts["invocations_submitted"] = workload_.arrivals.size();
      result.counts["user_writes"] = 0;
    }
    int peak = 0;
    for (const EnvironmentSample& sample : result.environments) {
      peak = std::max(peak, sample.initializing + sample.busy + sample.idle);
    }
    if (!classic) result.counts["environments_peak"] = static_cast<std::uint64_t>(peak);
    if (spec_.warm) result.startup.clear();
    if (!spec_.warm && !classic) {
      const auto first =
          std::find_if(result.invocations.begin(), result.invocations.end(),
                       [](const InvocationTiming& row) { return row.start == "cold"; });
      if (first != result.invocations.end()) result.startup.push_back({"init", first->init});
    }
    if (!spec_.faults.empty()) result.counts["faults_fired"] = emulator_->faults().fired();
    result.problem = Problem(result);
    // A problem does not prevent the copy, since the file is what one looks into to find its
    // reason.
    if (!options_.database.empty()) {
      KLESS_TRY_VOID(emulator_->store().SaveCopy(options_.database));
    }
    return result;
  }

  // "default/pi has 0 of 1 pods (no controller reconciled it)"; "" if nothing is wrong.
  std::string ProblemOf(const JobTiming& job) {
    if (job.pods == job.pods_wanted) return {};
    if (replayer_ && job.pods > job.pods_wanted) return {};  // its pods end and are replaced
    const std::string name =
        job.name.find('/') == std::string::npos ? "default/" + job.name : job.name;
    const auto item = emulator_->store().resources().Get({"job", name});
    // A session may have suspended a Job or made it smaller before this plane reconciled it, and a
    // Job may end by its own rules.
    if (replayer_ && item.has_value() &&
        (job.pods >= PodsWanted(item.value()->document) || HasEnded(item.value()->document))) {
      return {};
    }
    std::string reason = "its controller made no more";
    if (job.pods > job.pods_wanted) reason = "its controller made too many";
    // The later tests take precedence: a Job that was never written was not reconciled either, and
    // only the first thing that went wrong explains it.
    if (job.reconciled < 0) {
      reason = Failures("").empty() ? "no controller reconciled it" : "its controller made none";
    }
    if (job.written < 0) reason = "the job was not written";
    return name + " has " + std::to_string(job.pods) + " of " + std::to_string(job.pods_wanted) +
           " pods (" + reason + ")";
  }

  std::string Problem(const RunResult& result) {
    if (!submitter_->problem().empty()) return submitter_->problem();
    // A plane that fails may leave thousands of Jobs without pods.  The count tells how bad it is,
    // and a few names suffice to look into one.
    constexpr std::uint64_t kNamed = 3;
    std::uint64_t wrong = 0;
    std::string named;
    for (const JobTiming& job : result.jobs) {
      const std::string reason = ProblemOf(job);
      if (reason.empty() || ++wrong > kNamed) continue;
      named += (named.empty() ? ": " : "; ") + reason;
    }
    if (wrong > 0) {
      if (wrong > kNamed) named += "; and " + std::to_string(wrong - kNamed) + " more";
      return std::to_string(wrong) + " of " + std::to_string(result.jobs.size()) +
             (wrong == 1 ? " jobs does not have exactly its pods"
                         : " jobs do not have exactly their pods") +
             (finished_ ? "" : " after " + FormatDuration(spec_.limit)) + named + Failures("; ");
    }
    if (!finished_) {
      return "not at rest " + FormatDuration(spec_.limit) + " after the last arrival" +
             Failures(": ");
    }
    // This comes last because any other problem tells more: a task that failed is named only in the
    // log.
    const auto failed = clock_.event_loop().failed_tasks();
    if (failed > 0) return std::to_string(failed) + " tasks failed; see the log";
    return {};
  }

  const RunSpec& spec_;
  const std::uint64_t seed_;
  const RunOptions& options_;
  // The members are destroyed from the last to the first: the world before the recorder, which is
  // its telemetry, and before the clock; the folder only when no file in it is open.
  std::unique_ptr<ScratchFolder> scratch_;
  asio::io_context context_;
  Clockwork clock_;
  RunRecorder recorder_;
  Workload workload_;
  std::unique_ptr<Emulator> emulator_;
  std::unique_ptr<Submitter> submitter_;
  std::unique_ptr<Replayer> replayer_;
  std::map<std::string, std::uint64_t> before_;
  Result<void> saved_;
  std::size_t warmed_up_ = 0;
  std::string warm_up_problem_;
  bool snapshot_taken_ = false;
  std::uint64_t turns_ = 0;
  bool interrupted_ = false;
  bool sampling_ = true;
  bool finished_ = false;
};

}  // namespace

Result<RunResult> Run(const RunSpec& spec, std::uint64_t seed, const RunOptions& options) {
  return Runner(spec, seed, options).Run();
}

}  // namespace kless::experiment
