// Distribution: a latency, with its form in data files and PATCH requests.
//
//   0 | 450                                        constant, milliseconds
//   {"constant_ms": 450}
//   {"uniform_ms": [0, 250]}
//   {"lognormal_ms": {"p50": 50.6, "p99": 76.1}}   p99 >= p50 > 0
//   {"empirical_ms": [48.1, 50.2, ...]}            each value equally likely; 1..100000 values
//   {"quantiles_ms": {"p10": 118, "p50": 213, "p99": 552}}   as published: 2..20 quantiles p0.1 to
//                                                  p99.9, values > 0 that do not fall
//
// Between its quantiles the last form is linear in the value's logarithm over the normal score of
// the probability, so that two quantiles give the lognormal distribution through them; beyond the
// outer ones the slope of the nearest segment continues, up to ten times the last value.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/random.h"

namespace kless {

class Distribution {
 public:
  Distribution() = default;  // constant 0
  static Distribution Constant(Duration value);
  // kInvalidArgument says what is wrong and lists the forms above.
  static Result<Distribution> FromJson(const nlohmann::json& json);
  nlohmann::json ToJson() const;

  // Never negative.  A constant consumes no random numbers.
  Duration Sample(Random& random) const;
  bool IsZero() const;
  // A central value for tables: the constant, the median, or the middle of the range.
  double TypicalMs() const;

 private:
  enum class Form { kConstant, kUniform, kLognormal, kEmpirical, kQuantiles };
  struct Quantile {
    int per_mille = 0;  // 999 means p99.9
    double milliseconds = 0;
    double score = 0;      // the quantile of the standard normal at the same probability
    double logarithm = 0;  // logarithm of milliseconds
  };
  static Result<Distribution> FromQuantiles(const nlohmann::json& json);
  double SampleQuantiles(double score) const;

  Form form_ = Form::kConstant;
  std::vector<double> values_{0};    // kConstant: v; kUniform: low, high; kLognormal: p50, p99
  std::vector<Quantile> quantiles_;  // kQuantiles, ascending; values_ has their milliseconds
};

}  // namespace kless
