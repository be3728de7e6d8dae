#include "emulator/control_planes/classic/loop_controller.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <utility>

#include "emulator/base/system/log.h"
#include "emulator/control_planes/event_targets.h"
#include "emulator/control_planes/feed_follower.h"
#include "functions/pool/store_client.h"

namespace kless::control_planes {

using controllers::World;

namespace {

constexpr int kQuestionRounds = 1000;
// client-go util/workqueue, default_rate_limiters.go: 5 ms per item, doubling, at most 1000 s.
constexpr Duration kLoopRetryBase = std::chrono::milliseconds(5);
constexpr Duration kLoopRetryMax = std::chrono::seconds(1000);

}  // namespace

LoopController::LoopController(EventLoop& event_loop, Store& store, ApiServer& server,
                               const ClassicProfile& profile, const controllers::ControlLoop& loop,
                               Telemetry* telemetry, Event& changed, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      loop_(loop),
      changed_(changed),
      random_(seed, loop.name),
      client_(event_loop, server, profile.client_qps, profile.client_burst),
      events_(event_loop, store, client_, telemetry, changed, loop.component, seed),
      runner_(event_loop, store, client_, events_, telemetry, HashBytes(loop.name, seed)),
      queue_(event_loop, kLoopRetryBase, kLoopRetryMax),
      watch_(event_loop, store, profile, loop, random_, WatchHandlers()) {}

void LoopController::Start() {
  Spawn(event_loop_, loop_.name + " watch", watch_.Run());
  Spawn(event_loop_, loop_.name + " event sink", events_.Run());
  for (int worker = 0; worker < loop_.classic_workers; ++worker) {
    Spawn(event_loop_, loop_.name + " worker", Work());
  }
}

void LoopController::OnChange(const ResourceId& id, const ItemPtr& old_image,
                              const ItemPtr& new_image) {
  if (!loop_.types.empty() &&
      std::find(loop_.types.begin(), loop_.types.end(), id.type) == loop_.types.end()) {
    return;
  }
  std::vector<std::string> keys;
  loop_.keys(id, old_image, new_image, &keys);
  // A key that waits in the queue is not added again, so a burst of changes costs one reconcile.
  for (const std::string& key : keys) queue_.Add(key);
}

LoopWatch::Handlers LoopController::WatchHandlers() {
  LoopWatch::Handlers handlers;
  handlers.observe = [this](const ResourceId& id, const ItemPtr& old_image,
                            const ItemPtr& new_image) { OnChange(id, old_image, new_image); };
  // Nothing else happens once the last record is delivered, so this is where the manager learns
  // that the plane may have become idle.
  handlers.pause = [this] { changed_.NotifyAll(); };
  return handlers;
}

Task<> LoopController::Work() {
  for (;;) {
    const WorkQueue::Taken taken = co_await queue_.Get();
    if (stopping_) co_return;
    // The count includes the key until its outcome has been queued, so that Idle() never holds
    // between the two.
    ++in_hand_;
    Result<void> done;
    try {
      done = co_await Reconcile(taken.key);
    } catch (const boost::system::system_error&) {
      throw;  // cancellation
    } catch (const std::exception& error) {
      // The worker survives the exception, since otherwise the loop would have a worker less for
      // the rest of the run.
      done = MakeError(ErrorCode::kInternal, error.what());
    }
    if (done.has_error()) {
      Log(LogLevel::kInfo, loop_.name, taken.key + ": " + LogText(done.error()));
      // Each key backs off on its own, so that one that always fails does not use up the client's
      // tokens.
      queue_.AddRateLimited(taken.key);
    } else {
      queue_.Forget(taken.key);
    }
    queue_.Done(taken.key);
    --in_hand_;
    changed_.NotifyAll();
  }
}

Task<Result<void>> LoopController::Reconcile(std::string key) {
  Sync sync;
  sync.work = loop_.name + "-" + std::to_string(++syncs_);
  sync.began_at = event_loop_.Now();
  const auto memo = memos_.find(key);
  const std::string remembered = memo == memos_.end() ? std::string() : memo->second;
  // A loop is plain code that cannot wait: it runs again and again, with the answers so far, until
  // it asks nothing new.  Here all of these rounds are one step, because reading the table costs
  // nothing, as reading a cache does; so the loop sees one state of the table and one time.
  World world(event_loop_.UnixNanos(), random_);
  controllers::Reconciliation reconciled = loop_.reconcile(key, remembered, world);
  for (int round = 0; round < kQuestionRounds; ++round) {
    const std::vector<World::Question> questions = world.TakeQuestions();
    if (questions.empty()) break;
    for (const World::Question& question : questions) {
      const Result<void> answered = Answer(world, question);
      if (answered.has_error()) co_return answered;
    }
    reconciled = loop_.reconcile(key, remembered, world);
  }
  sync.owner = reconciled.owner;
  sync.version = reconciled.item ? reconciled.item->version : 0;
  sync.event_target = EventTargetOf(reconciled.owner, reconciled.item);
  // Execute consumes the plan, so what is needed after it is taken out before.
  const auto again = reconciled.plan.requeue_after;
  const auto next_memo = reconciled.plan.memo;
  const Result<void> done = co_await runner_.Execute(&sync, std::move(reconciled.plan));
  if (done.has_error()) co_return done;
  // The memo replaces the old one only now.  After a failed plan the next reconcile must not
  // remember what was never done.
  if (next_memo && next_memo->empty()) memos_.erase(key);
  if (next_memo && !next_memo->empty()) memos_[key] = *next_memo;
  if (again) queue_.AddAfter(key, *again);
  co_return done;
}

Result<void> LoopController::Answer(World& world, const World::Question& question) {
  const ResourceTable& resources = store_.resources();
  switch (question.kind) {
    case World::Question::Kind::kGet: {
      Result<ItemPtr> item = resources.Get(question.id);
      if (item.has_error() && item.error().code != ErrorCode::kNotFound) return item.error();
      world.Answer(question, item.has_value() ? item.value() : nullptr);
      break;
    }
    case World::Question::Kind::kList: {
      std::vector<std::pair<ResourceId, ItemPtr>> found;
      const auto visited = VisitAll(
          resources, question.id.type, question.id.name,
          [&found](const ResourceId& id, const ItemPtr& item) { found.emplace_back(id, item); });
      if (visited.has_error()) return visited;
      world.Answer(question, std::move(found));
      break;
    }
    case World::Question::Kind::kDependentsOf: {
      KLESS_TRY(auto ids, resources.DependentsOf(question.id.name));
      world.Answer(question, std::move(ids));
      break;
    }
    case World::Question::Kind::kOwned: {
      KLESS_TRY(auto items, OwnedItems(resources, question.id.type, question.id.name));
      world.Answer(question, std::move(items));
      break;
    }
    case World::Question::Kind::kPodsOn: {
      KLESS_TRY(auto names, resources.OnNode("pod", question.id.name));
      world.Answer(question, std::move(names));
      break;
    }
  }
  return {};
}

}  // namespace kless::control_planes
