// DescriptionKeys: reads the keys of one map of a scenario, strictly.  Every read checks type and
// range; the first problem is kept, and later reads return their fallback, so that parsing code
// needs no branches.  Used by one thread.  It refers to the map, which must outlive it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"

namespace kless::experiment {

constexpr double kWorkloadMaxSeconds = 366.0 * 86400;  // of any time or duration in a workload

// Returns "; did you mean 'rate_per_s'?", or "; the keys are a, b" if none is similar.
std::string KeyHint(const std::string& word, const std::vector<std::string>& known);

class DescriptionKeys {
 public:
  // `place` begins every message: "workload.arrival".  A key that is not in `known`, or a value
  // that is not a map, is a problem at once.
  DescriptionKeys(const nlohmann::json& map, std::string place,
                  const std::vector<std::string>& known);

  bool Has(const std::string& key) const;
  // Requires Has(key).
  const nlohmann::json& At(const std::string& key) const;
  std::string Place(const std::string& key) const { return place_ + "." + key; }

  // Without `fallback` the key is required.
  std::int64_t Integer(const std::string& key, std::int64_t low, std::int64_t high,
                       std::optional<std::int64_t> fallback = std::nullopt);
  // A number above 0 and at most `high`.
  double Positive(const std::string& key, double high,
                  std::optional<double> fallback = std::nullopt);
  // A number from 0 to `high`.
  double NotNegative(const std::string& key, double high, double fallback);
  // Milliseconds, or a text such as "5s"; at most kWorkloadMaxSeconds.
  Duration Time(const std::string& key, std::optional<Duration> fallback = std::nullopt);
  bool Flag(const std::string& key, bool fallback);
  std::string Choice(const std::string& key, const std::vector<std::string>& choices,
                     const std::string& fallback);
  // The path of a file that exists for ReadConfigText, looked for below `folder`, then below the
  // working directory; empty if the key is absent and not required.
  std::string File(const std::string& key, const std::string& folder, bool required);

  // kInvalidArgument: "workload.jobs must be ...".
  void Report(const std::string& key, const std::string& problem);
  void Fail(Error error);
  const std::optional<Error>& error() const { return error_; }

 private:
  double Number(const std::string& key, std::optional<double> fallback, double high, bool zero_too);

  const nlohmann::json& map_;
  std::string place_;
  std::optional<Error> error_;
};

}  // namespace kless::experiment
