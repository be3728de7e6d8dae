#include "functions/pool/faults.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"

namespace kless {
namespace {

constexpr std::array kKinds = {FaultKind::kDuplicate,  FaultKind::kDelay,      FaultKind::kReorder,
                               FaultKind::kThrottle,   FaultKind::kStoreError, FaultKind::kCrash,
                               FaultKind::kCrashAfter, FaultKind::kStall,      FaultKind::kSlowInit,
                               FaultKind::kLoseWrite};
constexpr double kMaxDelayMs = 86'400'000.0 * 366;

Error BadFault(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, "fault: " + std::move(message));
}

Result<FaultKind> ParseKind(const std::string& name) {
  std::vector<std::string> known = {"clear"};
  for (const FaultKind kind : kKinds) {
    if (name == FaultKindName(kind)) return kind;
    known.emplace_back(FaultKindName(kind));
  }
  return BadFault("unknown kind '" + name + "'" + DidYouMean(name, known));
}

}  // namespace

const char* FaultKindName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kDuplicate:
      return "duplicate";
    case FaultKind::kDelay:
      return "delay";
    case FaultKind::kReorder:
      return "reorder";
    case FaultKind::kThrottle:
      return "throttle";
    case FaultKind::kStoreError:
      return "store_error";
    case FaultKind::kCrash:
      return "crash";
    case FaultKind::kCrashAfter:
      return "crash_after";
    case FaultKind::kStall:
      return "stall";
    case FaultKind::kSlowInit:
      return "slow_init";
    case FaultKind::kLoseWrite:
      return "lose_write";
  }
  return "";
}

Faults::Faults(std::uint64_t seed) : random_(seed, "faults") {}

Result<void> Faults::Add(const nlohmann::json& json) {
  if (!json.is_object()) return BadFault("must be an object with a kind");
  const auto kind_field = json.find("kind");
  if (kind_field == json.end() || !kind_field->is_string())
    return BadFault("'kind' must be a text");
  const std::string kind_name = kind_field->get<std::string>();
  if (kind_name == "clear") {
    if (json.size() != 1) return BadFault("'clear' takes no other field");
    Clear();
    return {};
  }
  KLESS_TRY(const auto kind, ParseKind(kind_name));

  Fault fault;
  fault.kind = kind;
  const bool may_delay = fault.kind == FaultKind::kDelay || fault.kind == FaultKind::kStall ||
                         fault.kind == FaultKind::kDuplicate || fault.kind == FaultKind::kSlowInit;
  for (const auto& [key, value] : json.items()) {
    if (key == "kind") continue;
    if (key == "function") {
      if (!value.is_string() || value.get<std::string>().empty()) {
        return BadFault("'function' must be the name of a function");
      }
      fault.function = value.get<std::string>();
    } else if (key == "rate") {
      if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= 1)) {
        return BadFault("'rate' must be a number from 0 to 1");
      }
      fault.rate = value.get<double>();
    } else if (key == "at" || key == "count") {
      if (!value.is_number_integer() || value.get<std::int64_t>() < 1) {
        return BadFault("'" + key + "' must be a whole number from 1");
      }
      (key == "at" ? fault.at : fault.count) = value.get<std::uint64_t>();
    } else if (key == "delay_ms") {
      if (!may_delay) return BadFault("'delay_ms' has no meaning for '" + kind_name + "'");
      if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kMaxDelayMs)) {
        return BadFault("'delay_ms' must be between 0 and one year");
      }
      fault.delay = FromMilliseconds(value.get<double>());
    } else {
      return BadFault("unknown field '" + key + "'" +
                      DidYouMean(key, {"kind", "function", "rate", "at", "count", "delay_ms"}));
    }
  }
  if (json.contains("rate") == json.contains("at")) {
    return BadFault("exactly one of 'rate' and 'at' is needed");
  }
  if (json.contains("count") && json.contains("at")) {
    return BadFault("'count' belongs to 'rate'; 'at' fires once");
  }
  if (may_delay && fault.kind != FaultKind::kDuplicate && !json.contains("delay_ms")) {
    return BadFault("'" + kind_name + "' needs 'delay_ms'");
  }
  faults_.push_back(std::move(fault));
  return {};
}

void Faults::Clear() { faults_.clear(); }

nlohmann::json Faults::ToJson() const {
  auto all = nlohmann::json::array();
  for (const Fault& fault : faults_) {
    nlohmann::json one = {
        {"kind", FaultKindName(fault.kind)}, {"seen", fault.seen}, {"fired", fault.fired}};
    if (fault.at > 0) {
      one["at"] = fault.at;
    } else {
      one["rate"] = fault.rate;
    }
    if (!fault.function.empty()) one["function"] = fault.function;
    if (fault.count > 0) one["count"] = fault.count;
    if (fault.delay > Duration::zero()) one["delay_ms"] = ToMilliseconds(fault.delay);
    all.push_back(std::move(one));
  }
  return all;
}

std::uint64_t Faults::fired() const {
  std::uint64_t sum = 0;
  for (const Fault& fault : faults_) sum += fault.fired;
  return sum;
}

bool Faults::FiresNow(Fault& fault) {
  ++fault.seen;
  bool fires = false;
  if (fault.at > 0) {
    fires = fault.seen == fault.at;
  } else if (fault.count == 0 || fault.fired < fault.count) {
    fires = random_.Unit() < fault.rate;
  }
  if (fires) ++fault.fired;
  return fires;
}

std::optional<Duration> Faults::Fires(FaultKind kind, const std::string& function) {
  std::optional<Duration> delay;
  for (Fault& fault : faults_) {
    if (fault.kind != kind || (!fault.function.empty() && fault.function != function)) continue;
    if (FiresNow(fault)) delay = std::max(delay.value_or(Duration::zero()), fault.delay);
  }
  return delay;
}

}  // namespace kless
