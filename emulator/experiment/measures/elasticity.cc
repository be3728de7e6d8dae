#include "emulator/experiment/measures/elasticity.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "emulator/base/clock.h"

namespace kless::experiment {
namespace {

// Reads a step function at increasing times.
class Cursor {
 public:
  explicit Cursor(const Steps& steps) : steps_(steps) {}

  double ValueAt(std::int64_t time) {
    while (next_ < steps_.size() && steps_[next_].first <= time) value_ = steps_[next_++].second;
    return value_;
  }
  // The next change after the last time read; `limit` if there is none before.
  std::int64_t NextChange(std::int64_t limit) const {
    return next_ < steps_.size() ? std::min(steps_[next_].first, limit) : limit;
  }

 private:
  const Steps& steps_;
  std::size_t next_ = 0;
  double value_ = 0;
};

// Appends a step at a time at which the value changes.
void Append(Steps& steps, std::int64_t time, double value) {
  if (!steps.empty() && steps.back().first == time) {
    steps.back().second = value;
    const double before = steps.size() > 1 ? steps[steps.size() - 2].second : 0;
    if (before == value) steps.pop_back();
  } else if ((steps.empty() ? 0 : steps.back().second) != value) {
    steps.emplace_back(time, value);
  }
}

// The number of resources added and removed in (0, end).
double Adaptations(const Steps& steps, std::int64_t end) {
  Cursor cursor(steps);
  double value = cursor.ValueAt(0), moved = 0;
  for (const auto& [time, next] : steps) {
    if (time <= 0 || time >= end) continue;
    moved += std::abs(next - value);
    value = next;
  }
  return moved;
}

int Sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

double Instability(const Steps& demand, const Steps& supply, std::int64_t end) {
  Cursor demands(demand), supplies(supply);
  double d = demands.ValueAt(0), s = supplies.ValueAt(0);
  int apart = 0;
  for (int step = 1; step <= kInstabilitySteps; ++step) {
    // end * step / kInstabilitySteps without overflow; the last one before the end.
    const std::int64_t at =
        step == kInstabilitySteps
            ? end - 1
            : end / kInstabilitySteps * step + end % kInstabilitySteps * step / kInstabilitySteps;
    const double d_next = demands.ValueAt(at), s_next = supplies.ValueAt(at);
    if (Sign(d_next - d) != Sign(s_next - s)) ++apart;
    d = d_next;
    s = s_next;
  }
  return 100.0 * apart / kInstabilitySteps;
}

}  // namespace

Steps Demand(const RunResult& run) {
  std::vector<std::pair<std::int64_t, int>> changes;
  changes.reserve(2 * run.invocations.size());
  for (const InvocationTiming& row : run.invocations) {
    if (row.run <= 0) continue;
    changes.emplace_back(row.requested, 1);
    changes.emplace_back(row.requested + row.run, -1);
  }
  std::sort(changes.begin(), changes.end());
  Steps steps;
  std::int64_t running = 0;
  for (std::size_t i = 0; i < changes.size();) {
    const std::int64_t time = changes[i].first;
    for (; i < changes.size() && changes[i].first == time; ++i) running += changes[i].second;
    Append(steps, time, static_cast<double>(running));
  }
  return steps;
}

Steps Supply(const RunResult& run) {
  Steps steps;
  for (const EnvironmentSample& sample : run.environments) {
    Append(steps, sample.at, static_cast<double>(sample.busy) + sample.idle);
  }
  return steps;
}

Elasticity MeasureElasticity(const Steps& demand, const Steps& supply, std::int64_t end,
                             double resources_max) {
  Elasticity result;
  if (end <= 0) return result;
  double under = 0, over = 0, under_relative = 0, over_relative = 0;
  std::int64_t time_under = 0, time_over = 0;
  Cursor demands(demand), supplies(supply);
  for (std::int64_t now = 0; now < end;) {
    const double d = demands.ValueAt(now), s = supplies.ValueAt(now);
    const std::int64_t until = std::min(demands.NextChange(end), supplies.NextChange(end));
    const auto span = static_cast<double>(until - now);
    if (d > s) {
      time_under += until - now;
      under += span * (d - s);
      under_relative += span * (d - s) / d;
    } else if (s > d) {
      time_over += until - now;
      over += span * (s - d);
      if (d > 0) over_relative += span * (s - d) / d;
    }
    now = until;
  }
  const auto total = static_cast<double>(end);
  if (resources_max > 0) {
    result.under_accuracy = 100 * under / (total * resources_max);
    result.over_accuracy = 100 * over / (total * resources_max);
  }
  result.under_accuracy_relative = 100 * under_relative / total;
  result.over_accuracy_relative = 100 * over_relative / total;
  result.under_timeshare = 100 * static_cast<double>(time_under) / total;
  result.over_timeshare = 100 * static_cast<double>(time_over) / total;
  result.instability = Instability(demand, supply, end);
  result.jitter_per_s =
      (Adaptations(supply, end) - Adaptations(demand, end)) / (total / kNanosPerSecond);
  return result;
}

}  // namespace kless::experiment
