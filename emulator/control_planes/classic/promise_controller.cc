#include "emulator/control_planes/classic/promise_controller.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/system/log.h"
#include "emulator/control_planes/event_targets.h"
#include "emulator/control_planes/object_writes.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::control_planes {

using controllers::Plan;
using controllers::Write;

namespace {

// Kubernetes controller_utils.go ExpectationsTimeout.
constexpr Duration kExpectationsTimeout = std::chrono::minutes(5);
// Queue back-off of failed syncs: DefaultJobBackOff (1.27), DefaultJobApiBackOff (1.36).
constexpr Duration kRetryBase127 = std::chrono::seconds(10);
constexpr Duration kRetryMax127 = std::chrono::seconds(360);
constexpr Duration kRetryBase = std::chrono::seconds(1);
constexpr Duration kRetryMax = std::chrono::seconds(60);
// MinResyncPeriod: each informer draws its own period from 12 h to 24 h.
constexpr Duration kResyncMin = std::chrono::hours(12);

std::optional<std::int64_t> GenerationOf(const Item& owner) {
  const auto parsed = ParseJson(owner.document);
  if (parsed.has_error()) return std::nullopt;
  return kubernetes::IntegerAt(parsed.value(), {"metadata", "generation"});
}

bool IsOther(const Item& owner, const std::string& uid) {
  const std::string own = controllers::OwnerUid(owner);
  return !own.empty() && own != uid;
}

// Whether another owner now has the name.  A raw one gets its uid with its first sync.
bool IsReplaced(const Item& old_image, const Item& new_image) {
  const std::string uid = controllers::OwnerUid(old_image);
  return !uid.empty() && uid != controllers::OwnerUid(new_image);
}

}  // namespace

PromiseController::PromiseController(EventLoop& event_loop, Store& store, ApiServer& server,
                                     const ClassicProfile& profile,
                                     const controllers::ControlLoop& loop, Telemetry* telemetry,
                                     Event& changed, Random& random, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile),
      loop_(loop),
      promises_(*loop.promises),
      owner_kind_(kubernetes::FindKindByType(promises_.owner_type)->kind),
      telemetry_(telemetry),
      changed_(changed),
      release_1_27_(profile.release == "1.27"),
      random_(random),
      client_(event_loop, server, profile.client_qps, profile.client_burst),
      events_(event_loop, store, client_, telemetry, changed, loop.component, seed),
      runner_(event_loop, store, client_, events_, telemetry, seed),
      queue_(event_loop, release_1_27_ ? kRetryBase127 : kRetryBase,
             release_1_27_ ? kRetryMax127 : kRetryMax),
      informer_(event_loop, store, server, profile, promises_, telemetry, seed,
                [this](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
                  OnChange(id, old_image, new_image);
                }) {}

void PromiseController::Start() {
  Spawn(event_loop_, "informer", informer_.Run());
  Spawn(event_loop_, "event sink", events_.Run());
  for (int worker = 0; worker < profile_.workers; ++worker) {
    Spawn(event_loop_, "worker", Work(worker));
  }
  const double share = random_.Unit();
  Resync(kResyncMin +
         Duration(static_cast<Duration::rep>(share * static_cast<double>(kResyncMin.count()))));
}

void PromiseController::Resync(Duration period) {
  event_loop_.CallAt(event_loop_.Now() + period, [this, period] {
    const Duration delay = release_1_27_ ? Duration::zero() : profile_.sync_batch_period;
    for (const std::string& name : informer_.OwnerNames()) queue_.AddAfter(name, delay);
    Resync(period);
  });
}

void PromiseController::Bury(const std::string& key, const std::string& uid, ItemPtr last) {
  if (!uid.empty()) deleted_[key].emplace(uid, std::move(last));
}

void PromiseController::OnChange(const ResourceId& id, const ItemPtr& old_image,
                                 const ItemPtr& new_image) {
  if (id.type == promises_.owner_type) {
    OnOwner(id.name, old_image, new_image);
  } else {
    OnDependent(id.name, old_image, new_image);
  }
  changed_.NotifyAll();
}

void PromiseController::OnOwner(const std::string& name, const ItemPtr& old_image,
                                const ItemPtr& new_image) {
  const bool gone = old_image && (!new_image || IsReplaced(*old_image, *new_image));
  if (gone) {
    expectations_.erase(name);
    memos_.erase(controllers::OwnerUid(*old_image));
    Bury(name, controllers::OwnerUid(*old_image), old_image);
  }
  const bool at_once =
      release_1_27_ || !old_image || gone || GenerationOf(*old_image) != GenerationOf(*new_image);
  queue_.AddAfter(name, at_once ? Duration::zero() : profile_.sync_batch_period);
}

void PromiseController::OnDependent(const std::string& name, const ItemPtr& old_image,
                                    const ItemPtr& new_image) {
  if (new_image && new_image->fields && new_image->fields->owner_uid.empty()) OnOrphan(name);
  const ItemPtr& image = IsOwned(new_image) ? new_image : old_image;
  if (!IsOwned(image)) return;
  const std::string key = name.substr(0, name.find('/')) + "/" + image->fields->owner_name;
  // An owner precedes its dependents in the feed: if it is not there now, it is gone.
  const std::string& uid = image->fields->owner_uid;
  const ItemPtr owner = informer_.OwnerNamed(key);
  if (IsOwned(new_image) && (!owner || IsOther(*owner, uid))) {
    Bury(key, uid, OwnerTombstone(store_.resources(), {promises_.owner_type, key}, uid));
  }
  const auto expected = expectations_.find(key);
  if (expected != expectations_.end() && expected->second.uid == uid && !informer_.listing()) {
    const bool deleting_before = old_image && old_image->fields->deleting;
    const bool deleting_now = !new_image || (new_image->fields && new_image->fields->deleting);
    if (!old_image) --expected->second.creations;
    if (!deleting_before && deleting_now) --expected->second.deletions;
  }
  queue_.AddAfter(key, profile_.sync_batch_period);
}

bool PromiseController::IsOwned(const ItemPtr& image) const {
  return image && image->fields && image->fields->owner_kind == owner_kind_ &&
         !image->fields->owner_name.empty();
}

bool PromiseController::Satisfied(const std::string& key) const {
  const auto expected = expectations_.find(key);
  if (expected == expectations_.end()) return true;
  return (expected->second.creations <= 0 && expected->second.deletions <= 0) ||
         event_loop_.Now() - expected->second.set_at > kExpectationsTimeout;
}

PromiseController::Expectations PromiseController::Expect(const std::string& key,
                                                          const std::string& uid,
                                                          const Plan& plan) {
  Expectations expected;
  expected.uid = uid;
  expected.set_at = event_loop_.Now();
  for (const controllers::Batch& batch : plan.batches) {
    for (const Write& write : batch.writes) {
      if (write.Is<controllers::Creation>()) ++expected.creations;
      if (write.Is<controllers::Deletion>()) ++expected.deletions;
    }
  }
  if (expected.creations == 0 && expected.deletions == 0) {
    expectations_.erase(key);
  } else {
    expectations_[key] = expected;
  }
  return expected;
}

void PromiseController::LowerExpectations(const std::string& key, const Expectations& planned,
                                          const Sync& sync) {
  const auto expected = expectations_.find(key);
  if (expected == expectations_.end()) return;
  expected->second.creations -= planned.creations - sync.created;
  expected->second.deletions -= planned.deletions - sync.deleted;
}

Task<> PromiseController::Work(int worker) {
  for (;;) {
    WorkQueue::Taken taken = co_await queue_.Get();
    if (stopping_) co_return;
    ++in_hand_;
    const std::string key = taken.key;
    co_await Handle(std::move(taken), worker);
    queue_.Done(key);
    --in_hand_;
    changed_.NotifyAll();
  }
}

Task<> PromiseController::Handle(WorkQueue::Taken taken, int worker) {
  const std::string key = taken.key;
  if (!Satisfied(key)) {  // the dependents' own records queue the key again
    const TimePoint given_up = expectations_.at(key).set_at + kExpectationsTimeout;
    queue_.AddAfter(key, given_up - event_loop_.Now() + Duration(1));
    co_return;
  }
  // 1.36 does not sync while its cache is older than its own writes (I6); 1.27 notices by a
  // conflict.
  const auto newest = newest_.find(key);
  if (newest != newest_.end() && newest->second > informer_.position() && !release_1_27_) {
    queue_.AddRateLimited(key);
    co_return;
  }
  newest_.erase(key);
  Sync sync;
  sync.work = "sync-" + std::to_string(++syncs_);
  sync.owner = {promises_.owner_type, key};
  sync.began_at = event_loop_.Now();
  if (telemetry_ != nullptr) {
    WorkTrace trace;
    trace.work = sync.work;
    trace.place = "worker-" + std::to_string(worker);
    trace.requested_at = taken.due_at;
    trace.admitted_at = sync.began_at;
    trace.started_at = sync.began_at;
    telemetry_->OnWorkStarted(trace);
  }
  const Duration cpu = profile_.sync_cpu.Sample(random_);
  if (cpu > Duration::zero()) co_await event_loop_.SleepFor(cpu);
  sync.spent.compute += cpu;

  Result<void> done;
  while (done.has_value() && deleted_.contains(key)) {
    auto gone = deleted_[key].extract(deleted_[key].begin());
    if (deleted_[key].empty()) deleted_.erase(key);
    done = co_await CleanUp(&sync, gone.mapped());
    if (done.has_error()) deleted_[key].insert(std::move(gone));
  }
  const ItemPtr owner = informer_.OwnerNamed(key);
  if (done.has_value() && owner) done = co_await Reconcile(&sync, owner);
  if (done.has_value()) {
    queue_.Forget(key);
    co_return;
  }
  Log(LogLevel::kInfo, loop_.name, promises_.owner_type + " " + key + ": " + LogText(done.error()));
  queue_.AddRateLimited(key);
}

void PromiseController::ShowWhole(const std::string& space,
                                  controllers::OwnerObservation* observed) {
  const std::string& type = promises_.dependent_type;
  auto dependent = observed->dependents.begin();
  for (const std::string& name : promises_.to_read(*observed->owner, observed->dependents)) {
    while (dependent->resource.name != name) ++dependent;
    dependent->item = informer_.FailedDependent(name);
    if (dependent->item) continue;
    const auto item = store_.resources().Get({type, name});
    if (item.has_value()) dependent->item = item.value();
  }
  if (!promises_.may_adopt(*observed->owner)) return;
  // Without a complete list there is the next sync.
  (void)VisitAll(store_.resources(), type, space + "/",
                 [observed](const ResourceId& id, const ItemPtr& item) {
                   if (!item->fields || !item->fields->owner_uid.empty()) return;
                   observed->orphans.push_back({MakeOwnedResource(id.name, *item), true, item});
                 });
}

// A dependent without a controller may be one that an owner has to adopt.
void PromiseController::OnOrphan(const std::string& name) {
  const std::string space = name.substr(0, name.find('/') + 1);
  for (const std::string& key : informer_.OwnerNames()) {
    if (key.rfind(space, 0) != 0) continue;
    const ItemPtr owner = informer_.OwnerNamed(key);
    if (owner && promises_.may_adopt(*owner)) queue_.AddAfter(key, profile_.sync_batch_period);
  }
}

Task<Result<void>> PromiseController::Reconcile(Sync* sync, ItemPtr owner) {
  const std::string key = sync->owner.name;
  const std::string uid = controllers::OwnerUid(*owner);
  sync->version = owner->version;
  sync->event_target = EventTargetOf(sync->owner, nullptr);
  sync->event_target.uid = uid;
  sync->event_target.resource_version = owner->version;
  controllers::OwnerObservation observed;
  observed.owner = owner;
  observed.random = &random_;
  observed.unix_nanos = event_loop_.UnixNanos();
  if (const auto memo = memos_.find(uid); memo != memos_.end()) observed.memo = memo->second;
  observed.dependents = informer_.DependentsOf(uid);
  ShowWhole(sync->event_target.namespace_name, &observed);
  Plan plan = promises_.is_being_orphaned(*owner)
                  ? promises_.reconcile_orphaned(*owner, observed.dependents)
                  : promises_.reconcile(observed);
  const auto again = plan.requeue_after;
  const auto memo = plan.memo;
  const Expectations planned = Expect(key, uid, plan);
  sync->created = sync->deleted = 0;
  const Result<void> done = co_await runner_.Execute(sync, std::move(plan));
  if (sync->newest > 0) newest_[key] = sync->newest;
  LowerExpectations(key, planned, *sync);
  if (done.has_error()) co_return done;
  if (memo) memos_[uid] = *memo;
  if (again) queue_.AddAfter(key, *again);
  co_return done;
}

Task<Result<void>> PromiseController::CleanUp(Sync* sync, ItemPtr last) {
  const std::string uid = controllers::OwnerUid(*last);
  sync->event_target = EventTargetOf(sync->owner, nullptr);
  sync->event_target.uid = uid;
  sync->event_target.resource_version = last->version;
  Plan plan = promises_.reconcile_gone(*last, informer_.DependentsOf(uid));
  const Result<void> done = co_await runner_.Execute(sync, std::move(plan));
  co_return done;
}

}  // namespace kless::control_planes
