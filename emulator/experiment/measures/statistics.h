// Statistics: quantiles and summaries of small and large samples.  Pure functions, with the same
// bits on every machine: sums run in ascending order of the values, and in addition to the four
// operations only std::sqrt is used, which IEEE 754 defines exactly.  The meaning of the values
// does not belong here.
#pragma once

#include <cstddef>
#include <vector>

namespace kless::experiment {

// Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the
// default of R and NumPy): with h = (n - 1) q, x[floor h] + (h - floor h)(x[floor h + 1] - x[floor
// h]).  REQUIRES: values are not empty, 0 <= q <= 1.  Values need not be sorted.
double Quantile(std::vector<double> values, double q);
// The same of values in ascending order, for several quantiles of one sample.
double QuantileOfSorted(const std::vector<double>& sorted, double q);

// A summary over the repeats of one case.
struct Statistic {
  double median = 0, best = 0, worst = 0, mean = 0;  // best is the smallest
  double ci95_low = 0, ci95_high = 0;  // of the mean, Student's t; equal to the mean for n = 1
  std::size_t n = 0;
};
// All zero without values.  The order of the values does not matter.
Statistic Summarise(const std::vector<double>& values);

// The 97.5 % quantile of Student's t distribution: mean +- t s / sqrt(n) with n - 1 degrees of
// freedom holds 95 %.  From a table for 1 to 30, 40, 60, 120 and infinity; between those linear in
// the reciprocal of the degrees of freedom (error below 0.0005).  REQUIRES: at least 1.
double StudentT975(std::size_t degrees_of_freedom);

}  // namespace kless::experiment
