#include "emulator/base/distribution.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kless {
namespace {

constexpr double kNormalP99 = 2.3263478740408408;  // quantile 0.99 of the standard normal
constexpr double kMaxMilliseconds = 86'400'000.0 * 366;
constexpr std::size_t kMaxSamples = 100'000;
constexpr std::size_t kMaxQuantiles = 20;
// Published quantiles do not describe the tail beyond the last one; this bounds it.
constexpr double kQuantileTail = 10;

Error BadForm(const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument,
                   why + R"(; a distribution is a number of milliseconds, {"constant_ms": 450}, )"
                         R"({"uniform_ms": [0, 250]}, {"lognormal_ms": {"p50": 50, "p99": 76}}, )"
                         R"({"empirical_ms": [48.1, 50.2]} or )"
                         R"({"quantiles_ms": {"p10": 118, "p50": 213, "p99": 552}})");
}

// "p50" is 500, "p99.9" is 999; nullopt if it has another form or is outside p0.1 to p99.9.
std::optional<int> PerMille(std::string_view name) {
  if (name.size() < 2 || name[0] != 'p') return std::nullopt;
  name.remove_prefix(1);
  const std::size_t point = name.find('.');
  const std::string_view whole = name.substr(0, point);
  const std::string_view tenth = point == std::string_view::npos ? "0" : name.substr(point + 1);
  if (whole.empty() || whole.size() > 2 || tenth.size() != 1) return std::nullopt;
  int per_mille = 0;
  for (const std::string_view part : {whole, tenth}) {
    for (const char digit : part) {
      if (digit < '0' || digit > '9') return std::nullopt;
      per_mille = per_mille * 10 + (digit - '0');
    }
  }
  if (per_mille == 0) return std::nullopt;
  return per_mille;
}

std::string QuantileName(int per_mille) {
  std::string name = "p" + std::to_string(per_mille / 10);
  if (per_mille % 10 != 0) name += "." + std::to_string(per_mille % 10);
  return name;
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
  } else if (name == "quantiles_ms") {
    return FromQuantiles(value);
  } else {
    return BadForm("unknown distribution '" + name + "'");
  }
  return made;
}

Result<Distribution> Distribution::FromQuantiles(const nlohmann::json& json) {
  if (!json.is_object() || json.size() < 2 || json.size() > kMaxQuantiles) {
    return BadForm("quantiles_ms must be a map of 2 to 20 quantiles");
  }
  Distribution made;
  made.form_ = Form::kQuantiles;
  for (const auto& [name, value] : json.items()) {
    const auto per_mille = PerMille(name);
    if (!per_mille) {
      return BadForm("quantiles_ms: '" + name + "' is not a quantile such as p50 or p99.9");
    }
    if (!IsDelay(value) || value.get<double>() <= 0) {
      return BadForm("quantiles_ms: " + name + " must be above 0 and at most one year");
    }
    const double milliseconds = value.get<double>();
    made.quantiles_.push_back(
        {*per_mille, milliseconds, NormalQuantile(*per_mille / 1000.0), PortableLog(milliseconds)});
  }
  std::sort(made.quantiles_.begin(), made.quantiles_.end(),
            [](const Quantile& a, const Quantile& b) { return a.per_mille < b.per_mille; });
  made.values_ = {made.quantiles_.front().milliseconds};
  for (std::size_t i = 1; i < made.quantiles_.size(); ++i) {
    const Quantile& previous = made.quantiles_[i - 1];
    const Quantile& quantile = made.quantiles_[i];
    const std::string quantile_name = QuantileName(quantile.per_mille);
    if (previous.per_mille == quantile.per_mille) {
      return BadForm("quantiles_ms: " + quantile_name + " is given twice");
    }
    if (previous.milliseconds > quantile.milliseconds) {
      return BadForm("quantiles_ms: " + quantile_name + " is below " +
                     QuantileName(previous.per_mille));
    }
    made.values_.push_back(quantile.milliseconds);
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
    case Form::kQuantiles: {
      nlohmann::json quantiles;
      for (const Quantile& quantile : quantiles_) {
        quantiles[QuantileName(quantile.per_mille)] = quantile.milliseconds;
      }
      return {{"quantiles_ms", std::move(quantiles)}};
    }
  }
  return nullptr;
}

double Distribution::SampleQuantiles(double score) const {
  // Finds the segment around the score, or the outermost one on its side.
  std::size_t upper = 1;
  while (upper + 1 < quantiles_.size() && score > quantiles_[upper].score) ++upper;
  const Quantile& low = quantiles_[upper - 1];
  const Quantile& high = quantiles_[upper];
  const double slope = (high.logarithm - low.logarithm) / (high.score - low.score);
  const double sample = PortableExp(low.logarithm + slope * (score - low.score));
  return std::min({sample, kQuantileTail * quantiles_.back().milliseconds, kMaxMilliseconds});
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
    case Form::kQuantiles:
      return FromMilliseconds(SampleQuantiles(random.Normal()));
  }
  return Duration::zero();
}

bool Distribution::IsZero() const {
  return std::all_of(values_.begin(), values_.end(), [](double value) { return value == 0; });
}

double Distribution::TypicalMs() const {
  switch (form_) {
    case Form::kConstant:
    case Form::kLognormal:
      return values_[0];
    case Form::kUniform:
      return (values_[0] + values_[1]) / 2;
    case Form::kEmpirical: {
      std::vector<double> sorted = values_;
      std::sort(sorted.begin(), sorted.end());
      return sorted[sorted.size() / 2];
    }
    case Form::kQuantiles:
      return SampleQuantiles(0);
  }
  return 0;
}

}  // namespace kless
