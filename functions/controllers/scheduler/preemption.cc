#include "functions/controllers/scheduler/preemption.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "functions/controllers/scheduler/messages.h"

namespace kless::controllers::scheduler {

namespace {

constexpr std::size_t kCandidatesMin = 100;
constexpr std::size_t kCandidatesPercent = 10;

struct Candidate {
  NodeState* node = nullptr;
  std::vector<PodRecord*> victims;
  int violations = 0;  // victims that a budget protects
};

class DryRun {
 public:
  DryRun(const Cluster& cluster, const PodRecord& pod, const Attempt& attempt,
         std::int64_t unix_nanos)
      : cluster_(cluster), pod_(pod), attempt_(attempt), unix_nanos_(unix_nanos) {}

  // Computes the candidate of one node.  On false, `texts` says why there is none.
  bool Try(NodeState& node, Candidate& candidate, std::vector<std::string>& texts) const {
    std::vector<PodRecord*> lower;
    for (PodRecord* other : node.pods) {
      if (other->priority < pod_.priority) lower.push_back(other);
    }
    if (lower.empty()) {
      texts = {kNoVictims};
      return false;
    }
    NodeState trial = node;
    CrossCounts cross = attempt_.cross();
    for (PodRecord* other : lower) {
      trial.RemovePod(*other);
      cross.Update(*other, trial, -1);
    }
    const NodeStatus status = FilterWithNominated(pod_, trial, cross);
    if (!status.fits()) {
      texts = TextsOf(status, *pod_.shape);
      return false;
    }
    std::stable_sort(lower.begin(), lower.end(),
                     [&](const PodRecord* a, const PodRecord* b) { return MoreImportant(*a, *b); });
    const std::set<const PodRecord*> guarded = Protected(lower);
    candidate.node = &node;
    for (const bool round : {true, false}) {
      for (PodRecord* other : lower) {
        if (guarded.contains(other) != round || Reprieved(*other, trial, cross)) continue;
        candidate.victims.push_back(other);
        candidate.violations += round;
      }
    }
    return true;
  }

  // (violations, highest priority, sum of priorities, number, start of the most important): smaller
  // is better.
  auto RankOf(const Candidate& candidate) const {
    std::int64_t highest = INT64_MIN;
    __extension__ __int128 sum = 0;
    for (const PodRecord* victim : candidate.victims) {
      highest = std::max(highest, victim->priority);
      // 2^31 keeps negative priorities from making many victims look cheap.
      sum += victim->priority + (std::int64_t{1} << 31);
    }
    std::int64_t earliest = INT64_MAX;
    for (const PodRecord* victim : candidate.victims) {
      if (victim->priority == highest) earliest = std::min(earliest, StartOf(*victim));
    }
    return std::make_tuple(candidate.violations, highest, sum, candidate.victims.size(), -earliest);
  }

 private:
  std::int64_t StartOf(const PodRecord& pod) const {
    return pod.start_unix_nanos < 0 ? unix_nanos_ : pod.start_unix_nanos;
  }
  bool MoreImportant(const PodRecord& a, const PodRecord& b) const {
    if (a.priority != b.priority) return a.priority > b.priority;
    return StartOf(a) < StartOf(b);
  }

  // Those of the pods, taken in order, whose removal violates a budget.
  std::set<const PodRecord*> Protected(const std::vector<PodRecord*>& pods) const {
    std::set<const PodRecord*> guarded;
    std::map<const Budget*, std::int64_t> left;
    for (const auto& [name, budget] : cluster_.budgets()) left[&budget] = budget.allowed;
    for (const PodRecord* pod : pods) {
      if (pod->labels().empty()) continue;
      const std::string own_name = pod->name.substr(pod->name.find('/') + 1);
      for (const auto& [name, budget] : cluster_.budgets()) {
        if (budget.namespace_name != pod->namespace_name() ||
            budget.selector.requirements.empty() || !budget.selector.Matches(pod->labels()) ||
            budget.disrupted.contains(own_name)) {
          continue;
        }
        if (--left[&budget] < 0) guarded.insert(pod);
      }
    }
    return guarded;
  }

  // Puts the pod back if the preemptor still fits with it.
  bool Reprieved(PodRecord& other, NodeState& trial, CrossCounts& cross) const {
    trial.AddPod(other);
    cross.Update(other, trial, 1);
    if (FilterWithNominated(pod_, trial, cross).fits()) return true;
    trial.RemovePod(other);
    cross.Update(other, trial, -1);
    return false;
  }

  const Cluster& cluster_;
  const PodRecord& pod_;
  const Attempt& attempt_;
  const std::int64_t unix_nanos_;
};

NodeStatus PreemptionStatusOf(const Cluster& cluster, const Attempt& attempt,
                              const NodeState& node) {
  const auto& nodes = cluster.nodes();
  const auto found = std::find(nodes.begin(), nodes.end(), &node);
  if (found == nodes.end()) return {};
  return attempt.statuses()[static_cast<std::size_t>(found - nodes.begin())];
}

// Returns why the pod may not preempt now, or "".
std::string Ineligible(const Cluster& cluster, const PodRecord& pod, const Attempt& attempt) {
  if (!pod.may_preempt) return "not eligible due to preemptionPolicy=Never.";
  if (pod.nominated == nullptr || pod.nominated->facts == nullptr) return "";
  if (PreemptionStatusOf(cluster, attempt, *pod.nominated).unresolvable) return "";
  for (const PodRecord* other : pod.nominated->pods) {
    if (other->priority < pod.priority && other->preempted) {
      return "not eligible due to a terminating pod on the nominated node.";
    }
  }
  return "";
}

}  // namespace

Preemption Preempt(const Cluster& cluster, const PodRecord& pod, const Attempt& attempt,
                   std::int64_t unix_nanos) {
  Preemption result;
  result.message = Ineligible(cluster, pod, attempt);
  if (!result.message.empty()) {
    result.kind = Preemption::Kind::kNotEligible;
    return result;
  }
  const DryRun dry_run(cluster, pod, attempt, unix_nanos);
  const auto& nodes = cluster.nodes();
  std::size_t possible = 0;
  for (const NodeStatus& status : attempt.statuses()) possible += !status.unresolvable;
  const std::size_t wanted = std::max(kCandidatesMin, possible * kCandidatesPercent / 100);
  std::vector<Candidate> candidates;
  TextCounts counts;
  for (std::size_t i = 0; i < nodes.size() && candidates.size() < wanted; ++i) {
    if (attempt.statuses()[i].unresolvable) {
      ++counts[kNotHelpful];
      continue;
    }
    Candidate candidate;
    std::vector<std::string> texts;
    if (dry_run.Try(*nodes[i], candidate, texts)) {
      candidates.push_back(std::move(candidate));
    } else {
      for (const std::string& text : texts) ++counts[text];
    }
  }
  if (candidates.empty()) {
    result.message = NodesMessage(nodes.size(), counts);
    return result;
  }
  auto best = candidates.begin();
  for (auto it = std::next(best); it != candidates.end(); ++it) {
    if (dry_run.RankOf(*it) < dry_run.RankOf(*best)) best = it;
  }
  result.kind = Preemption::Kind::kNominated;
  result.node = best->node;
  result.victims = std::move(best->victims);
  return result;
}

}  // namespace kless::controllers::scheduler
