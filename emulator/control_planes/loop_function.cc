#include "emulator/control_planes/loop_function.h"

#include <algorithm>
#include <boost/system/system_error.hpp>

#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/promise_reconciler.h"
#include "emulator/control_planes/timer_item.h"
#include "emulator/control_planes/view_reconciler.h"
#include "emulator/control_planes/world_reconciler.h"

namespace kless::control_planes {

using controllers::ControlLoop;

namespace {

// Each lost race means that another environment made progress, so few are ever needed.
constexpr int kLoopAttempts = 100;

// Kept in the memory of the environment.
struct LoopMemory {
  explicit LoopMemory(const std::string& component) : recorder(component) {}
  controllers::EventRecorder recorder;
  ViewMemory view;
};

void AddKeys(const ControlLoop& loop, const ResourceTable& resources, const ChangeRecord& record,
             std::vector<std::string>* keys) {
  const ResourceId id = resources.IdOf(record.key);
  if (!loop.types.empty() &&
      std::find(loop.types.begin(), loop.types.end(), id.type) == loop.types.end()) {
    return;
  }
  if (loop.keys) {
    loop.keys(id, record.old_image, record.new_image, keys);
  } else {
    keys->push_back(id.name);
  }
}

// The keys of the batch.  Only those of a loop with promises have news.
OwnersNews WorkOf(const ControlLoop& loop, const ResourceTable& resources,
                  const FunctionEvent& event) {
  if (loop.promises) return NewsOf(*loop.promises, resources, event);
  std::vector<std::string> keys;
  for (const RecordPtr& record : event.records) AddKeys(loop, resources, *record, &keys);
  const std::string timer_key = TimerKeyOf(event.payload);
  if (!timer_key.empty()) keys.push_back(timer_key);
  OwnersNews work;
  // An ordered map drops repeated keys, so that a batch with many records of one object costs one
  // reconcile, and makes the order of reconciles a function of the batch alone.
  for (const std::string& key : keys) work.try_emplace(key);
  return work;
}

Task<Result<void>> ReconcileKey(const LoopInvocation* run, std::string key, OwnerNews news) {
  // The counters start over here, so that each key is charged with its own time and not with that
  // of the keys before it in the batch.
  run->context->store.BeginReconcile();
  for (int attempt = 0; attempt < kLoopAttempts; ++attempt) {
    Result<Outcome> settled = Outcome::kOvertaken;
    if (run->loop.promises) {
      PromiseReconciler reconciler(*run);
      settled = co_await reconciler.Once(key, news);
    } else {
      WorldReconciler reconciler(*run);
      settled = co_await reconciler.Once(key);
    }
    if (settled.has_error()) co_return settled.error();
    if (settled.value() == Outcome::kDone) co_return Result<void>();
  }
  co_return MakeError(ErrorCode::kConflict,
                      run->loop.name + ": " + key + " changed under every attempt to reconcile it");
}

// A failing key does not hold up others: the batch is delivered again, and the others then have
// nothing to do.
Task<Result<void>> ReconcileKeys(const LoopInvocation* run, OwnersNews work) {
  Result<void> first_failure;
  for (const auto& [key, news] : work) {
    Result<void> handled;
    try {
      handled = co_await ReconcileKey(run, key, news);
    } catch (const boost::system::system_error&) {
      throw;  // cancellation
    } catch (const std::exception& error) {
      handled = MakeError(ErrorCode::kInternal, run->loop.name + ": " + key + ": " + error.what());
    }
    if (handled.has_value()) continue;
    if (first_failure.has_value()) first_failure = handled;
    // The environment is gone, and every further call would fail; the remaining keys belong to the
    // next delivery.
    if (handled.error().code == ErrorCode::kCancelled) break;
  }
  co_return first_failure;
}

Task<Result<std::string>> RunLoopFunction(const ControlLoop* loop, const ResourceTable* resources,
                                          const LatencyProfile* profile,
                                          std::shared_ptr<const FunctionEvent> event,
                                          std::shared_ptr<InvocationContext> context) {
  // The memory lasts as long as the environment and may be lost between any two invocations, so no
  // guarantee rests on it: the recorder merges events, and a view is rebuilt from a list.
  if (!context->memory.has_value()) {
    context->memory = std::make_shared<LoopMemory>(loop->component);
  }
  const auto memory = std::any_cast<std::shared_ptr<LoopMemory>>(context->memory);
  const LoopInvocation run{*loop, *resources, *profile, context, memory->recorder};
  Result<void> done;
  if (loop->view) {
    ViewReconciler reconciler(run, memory->view);
    done = co_await reconciler.Run();
  } else {
    done = co_await ReconcileKeys(&run, WorkOf(*loop, *resources, *event));
  }
  if (done.has_error()) co_return done.error();
  co_return std::string("null");
}

}  // namespace

bool LoopConcerns(const ControlLoop& loop, const ResourceTable& resources,
                  const ChangeRecord& record) {
  std::vector<std::string> keys;
  AddKeys(loop, resources, record, &keys);
  return !keys.empty();
}

Handler MakeLoopFunction(const ControlLoop& loop, const ResourceTable& resources,
                         const LatencyProfile& profile) {
  // The handler calls a coroutine instead of being one: the captures of a lambda die with the
  // lambda, while the parameters of a coroutine live in its frame.
  return [&loop, &resources, &profile](std::shared_ptr<const FunctionEvent> event,
                                       std::shared_ptr<InvocationContext> context) {
    return RunLoopFunction(&loop, &resources, &profile, std::move(event), std::move(context));
  };
}

}  // namespace kless::control_planes
