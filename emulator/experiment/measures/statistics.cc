#include "emulator/experiment/measures/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "emulator/base/check.h"

namespace kless::experiment {
namespace {

// Given to three decimals, for 1 to 30 degrees of freedom.  Checked by numerical integration of the
// density: each is within 0.0006 of the quantile.
constexpr std::array<double, 30> kStudentT975 = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

struct Knot {
  double reciprocal;  // of the number of degrees of freedom
  double t;
};
constexpr std::array<Knot, 5> kKnots = {
    {{1.0 / 30, 2.042}, {1.0 / 40, 2.021}, {1.0 / 60, 2.000}, {1.0 / 120, 1.980}, {0.0, 1.960}}};

}  // namespace

double QuantileOfSorted(const std::vector<double>& sorted, double q) {
  KLESS_CHECK(!sorted.empty(), "quantile of nothing");
  KLESS_CHECK(q >= 0 && q <= 1, "not a quantile");
  const double place = static_cast<double>(sorted.size() - 1) * q;
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return QuantileOfSorted(values, q);
}

double StudentT975(std::size_t degrees_of_freedom) {
  KLESS_CHECK(degrees_of_freedom >= 1, "a sample of one has no spread");
  if (degrees_of_freedom <= kStudentT975.size()) return kStudentT975[degrees_of_freedom - 1];
  const double reciprocal = 1.0 / static_cast<double>(degrees_of_freedom);
  std::size_t next = 1;
  while (reciprocal < kKnots[next].reciprocal) ++next;
  const Knot& from = kKnots[next - 1];
  const Knot& to = kKnots[next];
  return from.t +
         (from.reciprocal - reciprocal) / (from.reciprocal - to.reciprocal) * (to.t - from.t);
}

Statistic Summarise(const std::vector<double>& values) {
  Statistic result;
  if (values.empty()) return result;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  double sum = 0;
  for (double value : sorted) sum += value;
  result.n = sorted.size();
  result.median = QuantileOfSorted(sorted, 0.5);
  result.best = sorted.front();
  result.worst = sorted.back();
  // Rounding must not move the mean of equal values away from them.
  result.mean = std::clamp(sum / n, result.best, result.worst);
  double half = 0;
  if (sorted.size() > 1) {
    double squares = 0;
    for (double value : sorted) squares += (value - result.mean) * (value - result.mean);
    half = StudentT975(sorted.size() - 1) * std::sqrt(squares / (n - 1)) / std::sqrt(n);
  }
  result.ci95_low = result.mean - half;
  result.ci95_high = result.mean + half;
  return result;
}

}  // namespace kless::experiment
