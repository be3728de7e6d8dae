#include "emulator/base/distribution.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kless {
namespace {

constexpr double kNormalP99 = 2.3263478740408408;  // quantile 0.99 of the standard normal
constexpr double kMaxMilliseconds = 86'400'000.0 * 366;
constexpr std::size_t kMaxSamples = 100'000;

Error BadForm(const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument,
                   why + R"(; a distribution is a number of milliseconds, {"constant_ms": 450}, )"
                         R"({"uniform_ms": [0, 250]}, {"lognormal_ms": {"p50": 50, "p99": 76}} or )"
                         R"({"empirical_ms": [48.1, 50.2]})");
}

bool IsDelay(const nlohmann::json& json) {
  return json.is_number() && json.get<double>() >= 0 && json.get<double>() <= kMaxMilliseconds;
}

}  // namespace

Distribution Distribution::Constant(Duration value) {
  Distribution made;
  made.values_ = {ToMilliseconds(value)};
  return made;
}

Result<Distribution> Distribution::FromJson(const nlohmann::json& json) {
  Distribution made;
  if (json.is_number()) {
    if (!IsDelay(json)) return BadForm("a delay must be between 0 and one year");
    made.values_ = {json.get<double>()};
    return made;
  }
  if (!json.is_object() || json.size() != 1) return BadForm("not a distribution: " + json.dump());
  const std::string& name = json.begin().key();
  const nlohmann::json& value = json.begin().value();
  if (name == "constant_ms") {
    if (!IsDelay(value)) return BadForm("constant_ms must be between 0 and one year");
    made.values_ = {value.get<double>()};
  } else if (name == "uniform_ms") {
    if (!value.is_array() || value.size() != 2 || !IsDelay(value[0]) || !IsDelay(value[1]) ||
        value[0].get<double>() > value[1].get<double>()) {
      return BadForm("uniform_ms must be [low, high] with 0 <= low <= high");
    }
    made.form_ = Form::kUniform;
    made.values_ = {value[0].get<double>(), value[1].get<double>()};
  } else if (name == "lognormal_ms") {
    if (!value.is_object() || value.size() != 2 || !value.contains("p50") ||
        !value.contains("p99") || !IsDelay(value["p50"]) || !IsDelay(value["p99"]) ||
        value["p50"].get<double>() <= 0 ||
        value["p99"].get<double>() < value["p50"].get<double>()) {
      return BadForm("lognormal_ms needs p50 and p99 with 0 < p50 <= p99");
    }
    made.form_ = Form::kLognormal;
    made.values_ = {value["p50"].get<double>(), value["p99"].get<double>()};
  } else if (name == "empirical_ms") {
    if (!value.is_array() || value.empty() || value.size() > kMaxSamples ||
        !std::all_of(value.begin(), value.end(), IsDelay)) {
      return BadForm("empirical_ms must be a list of 1 to 100000 delays");
    }
    made.form_ = Form::kEmpirical;
    made.values_ = value.get<std::vector<double>>();
  } else {
    return BadForm("unknown distribution '" + name + "'");
  }
  return made;
}

nlohmann::json Distribution::ToJson() const {
  switch (form_) {
    case Form::kConstant:
      return {{"constant_ms", values_[0]}};
    case Form::kUniform:
      return {{"uniform_ms", values_}};
    case Form::kLognormal:
      return {{"lognormal_ms", {{"p50", values_[0]}, {"p99", values_[1]}}}};
    case Form::kEmpirical:
      return {{"empirical_ms", values_}};
  }
  return nullptr;
}

Duration Distribution::Sample(Random& random) const {
  switch (form_) {
    case Form::kConstant:
      return FromMilliseconds(values_[0]);
    case Form::kUniform:
      return FromMilliseconds(values_[0] + (values_[1] - values_[0]) * random.Unit());
    case Form::kLognormal: {
      const double sigma = PortableLog(values_[1] / values_[0]) / kNormalP99;
      const double sample = values_[0] * PortableExp(sigma * random.Normal());
      return FromMilliseconds(std::min(sample, kMaxMilliseconds));
    }
    case Form::kEmpirical:
      return FromMilliseconds(values_[random.Below(values_.size())]);
  }
  return Duration::zero();
}

bool Distribution::IsZero() const {
  return std::all_of(values_.begin(), values_.end(), [](double value) { return value == 0; });
}

}  // namespace kless
