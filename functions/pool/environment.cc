#include "functions/pool/environment.h"

#include <array>
#include <cstdio>

namespace kless {
namespace {

std::string NameOf(const FunctionConfig& config, std::uint64_t number, std::uint32_t salt) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "-%05llu-%08x", static_cast<unsigned long long>(number),
                salt);
  return config.name + text.data();
}

struct OwningContext {
  std::shared_ptr<Environment> environment;
  InvocationContext context;
};

}  // namespace

Environment::Environment(Scheduler& scheduler, Store& store, const LatencyProfile& profile,
                         Faults& faults, const FunctionConfig& config, std::uint64_t number,
                         std::uint32_t salt, std::uint64_t seed, Telemetry* telemetry)
    : number(number),
      name(NameOf(config, number, salt)),
      memory_mb(config.memory_mb),
      timeout(config.timeout),
      random(seed, "environment " + name),
      client(scheduler, store, profile, faults, config.name, name, CpuShare(config.memory_mb), seed,
             telemetry) {}

void Environment::SetTimer(Scheduler& scheduler, TimePoint deadline,
                           std::function<void()> callback) {
  CancelTimer(scheduler);
  timer_valid_ = std::make_shared<bool>(true);
  timer_ = scheduler.CallAt(deadline, [valid = timer_valid_, callback = std::move(callback)] {
    if (*valid) callback();
  });
}

void Environment::CancelTimer(Scheduler& scheduler) {
  if (!timer_) return;
  scheduler.Cancel(*timer_);
  timer_.reset();
  *timer_valid_ = false;
}

std::shared_ptr<InvocationContext> MakeContext(Scheduler& scheduler,
                                               std::shared_ptr<Environment> environment,
                                               std::string request_id, TimePoint deadline,
                                               bool cold_start) {
  Environment& made_in = *environment;
  auto owning = std::make_shared<OwningContext>(OwningContext{
      std::move(environment),
      InvocationContext{scheduler, made_in.random, made_in.client, std::move(request_id),
                        made_in.name, deadline, cold_start, made_in.memory}});
  return {owning, &owning->context};
}

}  // namespace kless
