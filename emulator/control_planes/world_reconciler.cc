#include "emulator/control_planes/world_reconciler.h"

#include <utility>

#include "emulator/control_planes/event_targets.h"

namespace kless::control_planes {

using controllers::World;
using Question = World::Question;

namespace {

// A loop's questions follow from earlier answers; no loop needs more rounds.
constexpr int kWorldRounds = 1000;

Owner OwnerOf(const controllers::Reconciliation& reconciled) {
  Owner owner;
  owner.id = reconciled.owner;
  owner.event_target = EventTargetOf(reconciled.owner, reconciled.item);
  owner.namespace_name = owner.event_target.namespace_name;
  owner.version = reconciled.item ? reconciled.item->version : 0;
  owner.promises = false;
  return owner;
}

}  // namespace

Task<Result<Outcome>> WorldReconciler::Once(std::string key) {
  const Result<void> computed =
      co_await run_.context->store.Compute(run_.profile.reconcile_cpu.Sample(run_.context->random));
  if (computed.has_error()) co_return computed.error();
  const Result<TimerItem> timer = co_await ReadTimer(&run_.context->store, run_.loop.name, key);
  if (timer.has_error()) co_return timer.error();
  // The fence is read before anything is observed: any write from now on changes it.
  Result<Fence> fence = co_await ReadFence(key);
  if (fence.has_error()) co_return fence.error();
  World world(run_.context->event_loop.UnixNanos(), run_.context->random);
  // A loop is plain code that cannot wait.  It runs again with the answers so far until it asks
  // nothing new; each answer is a call of the store with its cost and its own moment, and the fence
  // covers what changes between them.
  controllers::Reconciliation reconciled = run_.loop.reconcile(key, timer.value().memo, world);
  for (int round = 0; round < kWorldRounds; ++round) {
    const std::vector<Question> questions = world.TakeQuestions();
    if (questions.empty()) break;
    for (const Question& question : questions) {
      const Result<void> answered = co_await Answer(&world, question);
      if (answered.has_error()) co_return answered.error();
    }
    reconciled = run_.loop.reconcile(key, timer.value().memo, world);
  }
  // Execute consumes the plan, so what is needed after it is taken out before.
  const auto next = NextTimer(timer.value(), reconciled.plan, world.unix_nanos());
  const bool again = reconciled.plan.requeue_after == Duration::zero();
  const bool gone = reconciled.item == nullptr;
  Owner owner = OwnerOf(reconciled);
  owner.fence = std::move(fence.value());
  PlanExecutor executor(*run_.context, run_.recorder);
  const Result<Outcome> done = co_await executor.Execute(owner, std::move(reconciled.plan));
  if (done.has_error() || done.value() == Outcome::kOvertaken) co_return done;
  // Without its owner nothing would ever write this fence again, and it would stay for good.  If
  // another environment has written it meanwhile, that one has to remove it.
  if (gone && owner.fence.version != 0) {
    const auto removed = co_await run_.context->store.Remove(
        owner.fence.id, Condition::VersionIs(owner.fence.version));
    if (removed.has_error() && !IsOvertaken(removed.error())) co_return removed.error();
  }
  // The timer follows the writes of the plan: if this environment dies in between, the batch comes
  // again and the next reconcile sets it.
  if (next) {
    const Result<Outcome> written = co_await Write(*next);
    if (written.has_error() || written.value() == Outcome::kOvertaken) co_return written;
  }
  co_return again ? Outcome::kOvertaken : Outcome::kDone;
}

Task<Result<Fence>> WorldReconciler::ReadFence(std::string key) {
  Fence fence;
  const std::string name = run_.loop.fence ? run_.loop.fence(key) : std::string();
  if (name.empty()) co_return fence;
  fence.id = {kFenceType, run_.loop.setting + "/" + name};
  const Result<ItemPtr> item = co_await run_.context->store.Get(fence.id);
  if (item.has_error() && item.error().code != ErrorCode::kNotFound) co_return item.error();
  // A fence that does not exist yet works, too: version 0 makes the first write require that it
  // still does not.
  if (item.has_value()) fence.version = item.value()->version;
  co_return fence;
}

Task<Result<Outcome>> WorldReconciler::Write(TimerItem timer) {
  if (timer.version == 0 && timer.unix_nanos == 0 && timer.memo.empty()) co_return Outcome::kDone;
  std::vector<StoreClient::Action> actions;
  actions.push_back(TimerWrite(timer));
  const auto written = co_await run_.context->store.Transact(std::move(actions));
  if (written.has_value()) co_return Outcome::kDone;
  // The item was read before the observation, so another writer of it has reconciled this key
  // meanwhile, and its request must not be overwritten by an older one.
  if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
  co_return written.error();
}

Task<Result<void>> WorldReconciler::Answer(World* world, Question question) {
  switch (question.kind) {
    case Question::Kind::kGet: {
      Result<ItemPtr> item = co_await run_.context->store.Get(question.id);
      if (item.has_error() && item.error().code != ErrorCode::kNotFound) co_return item.error();
      world->Answer(question, item.has_value() ? item.value() : nullptr);
      break;
    }
    case Question::Kind::kList: {
      KLESS_CO_TRY(auto items,
                   co_await run_.context->store.List(question.id.type, question.id.name));
      world->Answer(question, std::move(items));
      break;
    }
    case Question::Kind::kDependentsOf: {
      KLESS_CO_TRY(auto ids, co_await run_.context->store.DependentsOf(question.id.name));
      world->Answer(question, std::move(ids));
      break;
    }
    case Question::Kind::kOwned: {
      KLESS_CO_TRY(auto items,
                   co_await run_.context->store.Owned(question.id.type, question.id.name));
      world->Answer(question, std::move(items));
      break;
    }
    case Question::Kind::kPodsOn: {
      KLESS_CO_TRY(auto names, co_await run_.context->store.PodsOn(question.id.name));
      world->Answer(question, std::move(names));
      break;
    }
  }
  co_return Result<void>();
}

}  // namespace kless::control_planes
