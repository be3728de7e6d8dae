#include "emulator/control_planes/loop_function.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <set>

#include "emulator/control_planes/event_targets.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"

namespace kless::control_planes {

using controllers::ControlLoop;
using controllers::World;
using Question = World::Question;

namespace {

// Each lost race means that another environment made progress.
constexpr int kLoopAttempts = 100;
// A loop's questions follow from earlier answers; no loop needs more rounds.
constexpr int kQuestionRounds = 1000;

// Kept in the memory of the environment.
struct LoopMemory {
  explicit LoopMemory(const std::string& component) : recorder(component) {}
  controllers::EventRecorder recorder;
};

void AddKeys(const ControlLoop& loop, const ResourceTable& resources, const ChangeRecord& record,
             std::vector<std::string>* keys) {
  const ResourceId id = resources.IdOf(record.key);
  if (!loop.types.empty() &&
      std::find(loop.types.begin(), loop.types.end(), id.type) == loop.types.end()) {
    return;
  }
  loop.keys(id, record.old_image, record.new_image, keys);
}

class LoopReconciler {
 public:
  LoopReconciler(const ControlLoop& loop, const LatencyProfile& profile,
                 std::shared_ptr<InvocationContext> context, LoopMemory& memory)
      : loop_(loop), profile_(profile), context_(std::move(context)), memory_(memory) {}

  Task<Result<void>> Handle(std::string key) {
    context_->store.BeginReconcile();
    for (int attempt = 0; attempt < kLoopAttempts; ++attempt) {
      const Result<bool> settled = co_await Once(key);
      if (settled.has_error()) co_return settled.error();
      if (settled.value()) co_return Result<void>();
    }
    co_return MakeError(ErrorCode::kConflict,
                        loop_.name + ": " + key + " changed under every attempt to reconcile it");
  }

 private:
  // Returns true if nothing is left to do, false if the key must be observed again.
  Task<Result<bool>> Once(std::string key) {
    const Result<void> computed =
        co_await context_->store.Compute(profile_.reconcile_cpu.Sample(context_->random));
    if (computed.has_error()) co_return computed.error();
    const Result<TimerItem> timer = co_await ReadTimer(&context_->store, loop_.name, key);
    if (timer.has_error()) co_return timer.error();
    // The fence is read before anything is observed: any write from now on changes it.
    Result<Fence> fence = co_await ReadFence(key);
    if (fence.has_error()) co_return fence.error();
    World world(context_->event_loop.UnixNanos(), context_->random);
    controllers::Reconciliation reconciled = loop_.reconcile(key, timer.value().memo, world);
    for (int round = 0; round < kQuestionRounds; ++round) {
      const std::vector<Question> questions = world.TakeQuestions();
      if (questions.empty()) break;
      for (const Question& question : questions) {
        const Result<void> answered = co_await Answer(&world, question);
        if (answered.has_error()) co_return answered.error();
      }
      reconciled = loop_.reconcile(key, timer.value().memo, world);
    }
    const auto next = NextTimer(timer.value(), reconciled.plan, world.unix_nanos());
    const bool again = reconciled.plan.requeue_after == Duration::zero();
    const bool gone = reconciled.item == nullptr;
    Owner owner = MakeOwner(reconciled);
    owner.fence = std::move(fence.value());
    PlanExecutor executor(*context_, memory_.recorder);
    const Result<Outcome> done = co_await executor.Execute(owner, std::move(reconciled.plan));
    if (done.has_error()) co_return done.error();
    if (done.value() == Outcome::kOvertaken) co_return false;
    if (gone && owner.fence.version != 0) {
      const auto removed = co_await context_->store.Remove(
          owner.fence.id, Condition::VersionIs(owner.fence.version));
      if (removed.has_error() && !IsOvertaken(removed.error())) co_return removed.error();
    }
    if (next) {
      const Result<bool> written = co_await Write(*next);
      if (written.has_error() || !written.value()) co_return written;
    }
    co_return !again;
  }

  static Owner MakeOwner(const controllers::Reconciliation& reconciled) {
    Owner owner;
    owner.id = reconciled.owner;
    owner.event_target = EventTargetOf(reconciled.owner, reconciled.item);
    owner.namespace_name = owner.event_target.namespace_name;
    owner.version = reconciled.item ? reconciled.item->version : 0;
    owner.promises = false;
    return owner;
  }

  Task<Result<Fence>> ReadFence(std::string key) {
    Fence fence;
    const std::string name = loop_.fence ? loop_.fence(key) : std::string();
    if (name.empty()) co_return fence;
    fence.id = {kFenceType, loop_.setting + "/" + name};
    const Result<ItemPtr> item = co_await context_->store.Get(fence.id);
    if (item.has_error() && item.error().code != ErrorCode::kNotFound) co_return item.error();
    if (item.has_value()) fence.version = item.value()->version;
    co_return fence;
  }

  // Returns false if another environment wrote it.
  Task<Result<bool>> Write(TimerItem timer) {
    if (timer.version == 0 && timer.unix_nanos == 0 && timer.memo.empty()) co_return true;
    std::vector<StoreClient::Action> actions;
    actions.push_back(TimerWrite(timer));
    const auto written = co_await context_->store.Transact(std::move(actions));
    if (written.has_value()) co_return true;
    const ErrorCode code = written.error().code;
    if (code == ErrorCode::kConflict || code == ErrorCode::kAlreadyExists ||
        code == ErrorCode::kNotFound) {
      co_return false;
    }
    co_return written.error();
  }

  Task<Result<void>> Answer(World* world, Question question) {
    switch (question.kind) {
      case Question::Kind::kGet: {
        Result<ItemPtr> item = co_await context_->store.Get(question.id);
        if (item.has_error() && item.error().code != ErrorCode::kNotFound) co_return item.error();
        world->Answer(question, item.has_value() ? item.value() : nullptr);
        break;
      }
      case Question::Kind::kList: {
        KLESS_CO_TRY(auto items, co_await context_->store.List(question.id.type, question.id.name));
        world->Answer(question, std::move(items));
        break;
      }
      case Question::Kind::kDependentsOf: {
        KLESS_CO_TRY(auto ids, co_await context_->store.DependentsOf(question.id.name));
        world->Answer(question, std::move(ids));
        break;
      }
      case Question::Kind::kOwned: {
        KLESS_CO_TRY(auto items,
                     co_await context_->store.Owned(question.id.type, question.id.name));
        world->Answer(question, std::move(items));
        break;
      }
      case Question::Kind::kPodsOn: {
        KLESS_CO_TRY(auto names, co_await context_->store.PodsOn(question.id.name));
        world->Answer(question, std::move(names));
        break;
      }
    }
    co_return Result<void>();
  }

  const ControlLoop& loop_;
  const LatencyProfile& profile_;
  std::shared_ptr<InvocationContext> context_;
  LoopMemory& memory_;
};

Task<Result<std::string>> RunLoopFunction(const ControlLoop* loop, const ResourceTable* resources,
                                          const LatencyProfile* profile,
                                          std::shared_ptr<const FunctionEvent> event,
                                          std::shared_ptr<InvocationContext> context) {
  if (!context->memory.has_value()) {
    context->memory = std::make_shared<LoopMemory>(loop->component);
  }
  const auto memory = std::any_cast<std::shared_ptr<LoopMemory>>(context->memory);
  std::vector<std::string> found;
  for (const RecordPtr& record : event->records) AddKeys(*loop, *resources, *record, &found);
  const std::string timer_key = TimerKeyOf(event->payload);
  if (!timer_key.empty()) found.push_back(timer_key);
  const std::set<std::string> keys(found.begin(), found.end());
  LoopReconciler reconciler(*loop, *profile, context, *memory);
  // A failing key does not hold up others: the batch is delivered again, and the others then have
  // nothing to do.
  Result<void> first_failure;
  for (const std::string& key : keys) {
    Result<void> handled;
    try {
      handled = co_await reconciler.Handle(key);
    } catch (const boost::system::system_error&) {
      throw;  // cancellation
    } catch (const std::exception& error) {
      handled = MakeError(ErrorCode::kInternal, loop->name + ": " + key + ": " + error.what());
    }
    if (handled.has_value()) continue;
    if (first_failure.has_value()) first_failure = handled;
    if (handled.error().code == ErrorCode::kCancelled) break;
  }
  if (first_failure.has_error()) co_return first_failure.error();
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
  return [&loop, &resources, &profile](std::shared_ptr<const FunctionEvent> event,
                                       std::shared_ptr<InvocationContext> context) {
    return RunLoopFunction(&loop, &resources, &profile, std::move(event), std::move(context));
  };
}

}  // namespace kless::control_planes
