// Distribution: a latency as a data file or a PATCH writes it.
//
//   0 | 450                                        constant, milliseconds
//   {"constant_ms": 450}
//   {"uniform_ms": [0, 250]}
//   {"lognormal_ms": {"p50": 50.6, "p99": 76.1}}   p99 >= p50 > 0
//   {"empirical_ms": [48.1, 50.2, ...]}            each value equally likely; 1..100000 values
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
  // kInvalidArgument names what is wrong and the forms above.
  static Result<Distribution> FromJson(const nlohmann::json& json);
  nlohmann::json ToJson() const;

  // Never negative.  A constant draws nothing from `random`.
  Duration Sample(Random& random) const;
  bool IsZero() const;

 private:
  enum class Form { kConstant, kUniform, kLognormal, kEmpirical };
  Form form_ = Form::kConstant;
  std::vector<double> values_{0};  // kConstant: v; kUniform: low, high; kLognormal: p50, p99
};

}  // namespace kless
