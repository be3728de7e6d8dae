#include "functions/pool/environment.h"

#include <fmt/core.h>

namespace kless {
namespace {

std::string NameOf(const FunctionConfig& config, std::uint64_t number, std::uint32_t salt) {
  return fmt::format("{}-{:05}-{:08x}", config.name, number, salt);
}

struct OwningContext {
  std::shared_ptr<Environment> environment;
  InvocationContext context;
};

}  // namespace

Environment::Environment(EventLoop& event_loop, Store& store, const LatencyProfile& profile,
                         Faults& faults, const FunctionConfig& config, std::uint64_t number,
                         std::uint32_t salt, std::uint64_t seed, Telemetry* telemetry)
    : number(number),
      name(NameOf(config, number, salt)),
      memory_mb(config.memory_mb),
      timeout(config.timeout),
      random(seed, "environment " + name),
      client(event_loop, store, profile, faults, config.name, name, CpuShare(config.memory_mb),
             seed, telemetry) {}

void Environment::SetTimer(EventLoop& event_loop, TimePoint deadline,
                           std::function<void()> callback) {
  CancelTimer(event_loop);
  timer_valid_ = std::make_shared<bool>(true);
  timer_ = event_loop.CallAt(deadline, [valid = timer_valid_, callback = std::move(callback)] {
    if (*valid) callback();
  });
}

void Environment::CancelTimer(EventLoop& event_loop) {
  if (!timer_) return;
  event_loop.Cancel(*timer_);
  timer_.reset();
  *timer_valid_ = false;
}

std::shared_ptr<InvocationContext> MakeContext(EventLoop& event_loop,
                                               std::shared_ptr<Environment> environment,
                                               std::string request_id, TimePoint deadline,
                                               bool cold_start) {
  Environment& made_in = *environment;
  auto owning = std::make_shared<OwningContext>(OwningContext{
      std::move(environment),
      InvocationContext{event_loop, made_in.random, made_in.client, std::move(request_id),
                        made_in.name, deadline, cold_start, made_in.memory}});
  return {owning, &owning->context};
}

}  // namespace kless
