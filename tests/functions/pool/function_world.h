// FunctionWorld: an in-memory store, faults and a pool in virtual time, for the tests in this
// folder.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "functions/pool/faults.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The result of an Invoke, and its time.
struct Outcome {
  bool done = false;
  TimePoint at{};
  InvokeResult result;
};

class FunctionWorld {
 public:
  explicit FunctionWorld(int account_concurrency = 1000, LatencyProfile latency = {},
                         std::uint64_t seed = 1, StoreOptions options = InMemory(),
                         Telemetry* telemetry = nullptr, PoolOptions pool_options = {})
      : context(1), event_loop(context), profile(std::move(latency)), faults(seed), seed(seed) {
    auto opened = Store::Open(event_loop, options);
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    store = std::move(opened.value());
    pool_options.account_concurrency = account_concurrency;
    pool_options.seed = seed;
    pool_options.telemetry = telemetry;
    pool = std::make_unique<FunctionPool>(event_loop, *store, profile, faults, pool_options);
  }
  ~FunctionWorld() { event_loop.DropAll(); }

  static StoreOptions InMemory() {
    StoreOptions options;
    options.durability = Durability::kMemory;
    return options;
  }

  // A function whose handler sleeps for `run`, then returns "done".
  static Handler Sleeper(Duration run) {
    return [run](std::shared_ptr<const FunctionEvent>,
                 std::shared_ptr<InvocationContext> context) -> Task<Result<std::string>> {
      return Sleep(run, std::move(context));
    };
  }
  void Register(const std::string& name, Handler handler, FunctionConfig config = {}) {
    config.name = name;
    const auto registered = pool->Register(std::move(config), std::move(handler));
    ASSERT_FALSE(registered.has_error()) << registered.error().message;
  }
  static FunctionConfig ColdStartOf(Duration init) {
    FunctionConfig config;
    config.init = Distribution::Constant(init);
    return config;
  }

  // Invokes at `at`; the outcome is filled in once the scheduler has reached its end.
  std::shared_ptr<Outcome> InvokeAt(TimePoint at, const std::string& name,
                                    InvokeOptions options = {}) {
    auto outcome = std::make_shared<Outcome>();
    Spawn(event_loop, "test", InvokeLater(*this, at, name, std::move(options), outcome));
    return outcome;
  }
  std::shared_ptr<Outcome> InvokeAt(Duration at, const std::string& name) {
    return InvokeAt(TimePoint(at), name);
  }
  void RunUntil(Duration time) { event_loop.Run(TimePoint(time)); }

  // First commits writes that were made outside a handler.
  std::vector<InvocationRecord> Rows(const std::string& function = "") {
    store->EndTurn();
    return store->invocations().Read(function, 0, 10000);
  }
  FunctionStats Stats(const std::string& function) { return pool->Stats(function).value(); }

  // A pod in the resource table.
  void PutPod(const std::string& name, const std::string& document = "{}") {
    const auto written =
        store->resources().Put({"pod", "default/" + name}, document, Condition::None());
    ASSERT_FALSE(written.has_error()) << written.error().message;
  }

  boost::asio::io_context context;
  VirtualEventLoop event_loop;
  LatencyProfile profile;
  Faults faults;
  std::uint64_t seed;
  std::unique_ptr<Store> store;
  std::unique_ptr<FunctionPool> pool;

 private:
  static Task<Result<std::string>> Sleep(Duration run, std::shared_ptr<InvocationContext> context) {
    if (run > Duration::zero()) co_await context->event_loop.SleepFor(run);
    co_return std::string("done");
  }
  static Task<> InvokeLater(FunctionWorld& world, TimePoint at, std::string name,
                            InvokeOptions options, std::shared_ptr<Outcome> outcome) {
    if (at > world.event_loop.Now()) co_await world.event_loop.SleepUntil(at);
    auto event = std::make_shared<FunctionEvent>();
    outcome->result = co_await world.pool->Invoke(name, event, options);
    outcome->at = world.event_loop.Now();
    outcome->done = true;
  }
};

}  // namespace kless
