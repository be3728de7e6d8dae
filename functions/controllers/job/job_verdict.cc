#include "functions/controllers/job/job_verdict.h"

#include "emulator/base/clock.h"
#include "functions/controllers/job/success_policy.h"

namespace kless::controllers {

namespace {

Verdict Failure(const char* reason, std::string message) {
  return {Verdict::Kind::kFailure, reason, std::move(message)};
}

// With restartPolicy OnFailure, failures are container restarts of pods that have not ended (E7).
bool ExceedsRestarts(const JobView& job, const std::vector<Dependent>& pods) {
  if (!job.restarts_in_place) return false;
  std::int64_t restarts = 0;
  for (const Dependent& pod : pods) {
    const PodPhase phase = pod.resource.phase;
    if (phase == PodPhase::kRunning || phase == PodPhase::kPending) {
      restarts += pod.resource.restarts;
    }
  }
  return job.backoff_limit == 0 ? restarts > 0 : restarts >= job.backoff_limit;
}

std::optional<Verdict> DecidedBefore(const JobView& job) {
  if (job.success_criteria_met) {
    return Verdict{Verdict::Kind::kSuccess, job.success_criteria_met->reason,
                   job.success_criteria_met->message};
  }
  if (job.failure_target) {
    return Verdict{Verdict::Kind::kFailure, job.failure_target->reason,
                   job.failure_target->message};
  }
  return std::nullopt;
}

std::optional<Verdict> FailedIndexes(const JobView& job, const Tally& tally,
                                     const IndexFailures& failures) {
  const std::int64_t failed = failures.failed.Count();
  if (job.max_failed_indexes && failed > *job.max_failed_indexes) {
    return Failure("MaxFailedIndexesExceeded",
                   "Job has exceeded the specified maximal number of failed indexes");
  }
  if (failed > 0 && failed + tally.succeeded_indexes.Count() >= job.CompletionsOrMax()) {
    return Failure("FailedIndexes", "Job has failed indexes");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> UntilDeadline(const JobView& job, std::int64_t unix_nanos) {
  if (!job.active_deadline_seconds || job.suspended) return std::nullopt;
  std::int64_t start = job.start_seconds;
  if (!job.started) start = unix_nanos / kNanosPerSecond;
  // Larger deadlines are never reached, and would overflow.
  constexpr std::int64_t kLongest = std::int64_t{1} << 32;
  if (start == 0 || *job.active_deadline_seconds > kLongest) return std::nullopt;
  return Duration((start + *job.active_deadline_seconds) * kNanosPerSecond - unix_nanos);
}

Verdict ReachVerdict(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                     const Tally& tally, const IndexFailures* index_failures,
                     std::int64_t unix_nanos) {
  if (auto before = DecidedBefore(job)) return *before;
  if (!facts.fail_job_message.empty()) {
    return Failure("PodFailurePolicy", facts.fail_job_message);
  }
  if (tally.failed > job.backoff_limit || ExceedsRestarts(job, pods)) {
    return Failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  const auto until_deadline = UntilDeadline(job, unix_nanos);
  if (until_deadline && *until_deadline <= Duration::zero()) {
    return Failure("DeadlineExceeded", "Job was active longer than specified deadline");
  }
  if (index_failures != nullptr) {
    if (auto failed = FailedIndexes(job, tally, *index_failures)) return *failed;
  }
  if (auto message = MatchSuccessPolicy(job, tally.succeeded_indexes)) {
    return {Verdict::Kind::kSuccess, "SuccessPolicy", *message};
  }
  return {};
}

}  // namespace kless::controllers
