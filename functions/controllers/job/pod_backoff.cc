#include "functions/controllers/job/pod_backoff.h"

#include <algorithm>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"

namespace kless::controllers {

namespace {

constexpr std::int64_t kFirstBackoffSeconds = 10;
constexpr std::int64_t kLongestBackoffSeconds = 600;

// Whether the pod counts as a failure: a deleted pod whose tracking finalizer was removed is a
// victim of the controller, however it ends.
bool IsSeenFailure(const Dependent& pod, const PodFact& fact) {
  if (fact.end != PodFact::End::kFailed || !fact.valid) return false;
  return fact.fresh || fact.pending ||
         (pod.resource.phase == PodPhase::kFailed && !pod.resource.deleting);
}

// A raw writer's pod without any time counts as having ended long ago, but after "never".
std::int64_t FinishedAt(const Dependent& pod) {
  return std::max<std::int64_t>(pod.resource.finished_at, 1);
}

}  // namespace

std::string BackoffRecord::ToMemo() const {
  return failures == 0 ? "" : std::to_string(failures) + " " + std::to_string(last_failure);
}

BackoffRecord BackoffRecord::FromMemo(const std::string& memo) {
  const std::size_t space = memo.find(' ');
  if (space == std::string::npos) return {};
  const auto failures = ParseInteger(std::string_view(memo).substr(0, space));
  const auto last = ParseInteger(std::string_view(memo).substr(space + 1));
  if (!failures || !last || *failures <= 0 || *last <= 0) return {};
  return {*failures, *last};
}

BackoffRecord ObserveBackoff(const std::vector<Dependent>& pods, const PodFacts& facts,
                             const std::string& memo) {
  std::int64_t last_success = 0;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodFact& fact = facts.of[i];
    if (fact.end != PodFact::End::kSucceeded || !pods[i].created || !fact.valid) continue;
    last_success = std::max(last_success, FinishedAt(pods[i]));
  }
  BackoffRecord remembered = BackoffRecord::FromMemo(memo);
  if (remembered.last_failure <= last_success) remembered = {};
  BackoffRecord seen;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodFact& fact = facts.of[i];
    if (!IsSeenFailure(pods[i], fact)) continue;
    const std::int64_t at = FinishedAt(pods[i]);
    if (at <= last_success) continue;
    ++seen.failures;
    seen.last_failure = std::max(seen.last_failure, at);
    if (fact.fresh) ++remembered.failures;
  }
  // The memo covers pods that are gone; the pods cover failures whose memo was never written.
  return {std::max(remembered.failures, seen.failures),
          std::max(remembered.last_failure, seen.last_failure)};
}

Duration RemainingBackoff(std::int64_t failures, std::int64_t last_failure,
                          std::int64_t unix_nanos) {
  if (failures <= 0) return Duration::zero();
  std::int64_t seconds = kFirstBackoffSeconds;
  for (std::int64_t i = 1; i < failures && seconds < kLongestBackoffSeconds; ++i) seconds *= 2;
  seconds = std::min(seconds, kLongestBackoffSeconds);
  const std::int64_t waited = unix_nanos - last_failure * kNanosPerSecond;
  return Duration(std::max<std::int64_t>(seconds * kNanosPerSecond - waited, 0));
}

}  // namespace kless::controllers
