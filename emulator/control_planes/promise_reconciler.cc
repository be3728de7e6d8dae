#include "emulator/control_planes/promise_reconciler.h"

#include <algorithm>
#include <utility>

#include "emulator/control_planes/event_targets.h"
#include "emulator/control_planes/object_writes.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "store/item/resource_fields.h"

namespace kless::control_planes {

using controllers::Dependent;
using controllers::Plan;
using controllers::Promises;

namespace {

// The delay, in emulated time, before reading an index again that does not show a record yet.
constexpr Duration kIndexRetry = std::chrono::milliseconds(10);
constexpr int kIndexAttempts = 1000;

// Whether it has the form "namespace/name".
bool IsNamespacedName(const std::string& name) {
  const auto slash = name.find('/');
  return slash != std::string::npos && slash != 0 && slash + 1 != name.size() &&
         name.find('/', slash + 1) == std::string::npos;
}

// A new dependent changes nothing for its owner: the environment that created it continues in the
// same invocation, and its own record is delivered again if that invocation dies.
bool IsFresh(const ChangeRecord& record) {
  if (record.type != ChangeType::kInsert || !record.new_image->fields) return false;
  const ResourceFields& fields = *record.new_image->fields;
  return !IsTerminal(fields.phase) && !fields.deleting;
}

void AddOwnerRecord(const ChangeRecord& record, OwnerNews& news) {
  news.newest = std::max(news.newest, record.sequence);
  news.reconcile = true;
  // The owner was removed, or overwritten by one with another uid.
  if (!record.old_image || !record.old_image->fields) return;
  const std::string& uid = record.old_image->fields->uid;
  // The last image is kept, since the table no longer has it when the dependents are cleaned up; a
  // tombstone says less about the owner.
  if (!uid.empty()) news.perhaps_gone[uid] = record.old_image;
}

Owner PromisingOwner(const ResourceId& id, const Item& item, const std::string& uid) {
  Owner owner;
  owner.id = id;
  owner.version = item.version;
  owner.event_target = EventTargetOf(id, nullptr);
  owner.event_target.uid = uid;
  owner.event_target.resource_version = item.version;
  owner.namespace_name = owner.event_target.namespace_name;
  owner.intent.owner_uid = uid;
  return owner;
}

// Those that are more than a promise.
std::vector<Dependent> Existing(std::vector<Dependent> dependents) {
  std::erase_if(dependents, [](const Dependent& dependent) { return !dependent.created; });
  return dependents;
}

}  // namespace

OwnersNews NewsOf(const Promises& promises, const ResourceTable& resources,
                  const FunctionEvent& event) {
  OwnersNews owners;
  const std::string due = TimerKeyOf(event.payload);
  if (IsNamespacedName(due)) owners[due].reconcile = true;
  const std::string& kind = kubernetes::FindKindByType(promises.owner_type)->kind;
  for (const RecordPtr& record : event.records) {
    const ResourceId id = resources.IdOf(record->key);
    if (id.type == promises.owner_type) {
      // A raw writer may have used a key that cannot be an owner's name.
      if (IsNamespacedName(id.name)) AddOwnerRecord(*record, owners[id.name]);
    } else if (id.type == promises.dependent_type) {
      for (const ItemPtr& image : {record->old_image, record->new_image}) {
        if (!image || !image->fields || image->fields->owner_kind != kind) continue;
        const ResourceFields& fields = *image->fields;
        const std::string name = controllers::NamespacePart(id.name) + "/" + fields.owner_name;
        if (!IsNamespacedName(name)) continue;
        OwnerNews& news = owners[name];
        news.newest = std::max(news.newest, record->sequence);
        // A dependent may show up after its owner has gone, when nothing else would ever cause the
        // reconcile that deletes it.
        news.perhaps_gone.emplace(fields.owner_uid, nullptr);
        if (!IsFresh(*record)) news.reconcile = true;
      }
    }
  }
  return owners;
}

Task<Result<Outcome>> PromiseReconciler::Once(std::string key, OwnerNews news) {
  const ResourceId id{promises_.owner_type, key};
  // The owner is read from the table whatever the records say: a batch may be late, repeated or out
  // of order, so it tells which owners to look at and nothing about them.
  const Result<ItemPtr> owner = co_await run_.context->store.Get(id);
  if (owner.has_error() && owner.error().code != ErrorCode::kNotFound) co_return owner.error();
  const std::string uid = owner.has_value() ? controllers::OwnerUid(*owner.value()) : std::string();
  // The uid decides, not the name: another owner may have been created under it, and its dependents
  // must not be taken for those of the one that is gone.
  for (const auto& [gone_uid, image] : news.perhaps_gone) {
    if (gone_uid == uid) continue;
    const ItemPtr last = image ? image : OwnerTombstone(run_.resources, id, gone_uid);
    const Result<Outcome> cleaned = co_await CleanUp(id, last, gone_uid, news.newest);
    if (cleaned.has_error() || cleaned.value() == Outcome::kOvertaken) co_return cleaned;
  }
  if (owner.has_error() || !news.reconcile) co_return Outcome::kDone;
  const Result<Outcome> reconciled = co_await Reconcile(id, owner.value(), uid, news.newest);
  co_return reconciled;
}

Task<Result<void>> PromiseReconciler::ReadIntent(Owner& owner) {
  const Result<ItemPtr> item =
      co_await run_.context->store.Get(IntentId(owner.namespace_name, owner.event_target.uid));
  if (item.has_error()) {
    if (item.error().code == ErrorCode::kNotFound) co_return Result<void>();
    co_return item.error();
  }
  owner.intent = Intent::FromItem(*item.value(), owner.namespace_name);
  co_return Result<void>();
}

Task<Result<std::vector<OwnedResource>>> PromiseReconciler::ReadIndex(std::string uid,
                                                                      std::uint64_t newest) {
  for (int attempt = 0; attempt <= kIndexAttempts; ++attempt) {
    if (attempt > 0) co_await run_.context->event_loop.SleepFor(kIndexRetry);
    std::uint64_t as_of = 0;
    KLESS_CO_TRY(auto rows,
                 co_await run_.context->store.OwnedBy(promises_.dependent_type, uid, &as_of));
    // An older index may lack the very dependents that a plan is about.  If it does not catch up,
    // the reconcile fails and the batch comes again, instead of a plan being made from stale rows.
    if (as_of >= newest) co_return rows;
  }
  co_return MakeError(ErrorCode::kUnavailable, "the owner index does not catch up");
}

Task<Result<std::vector<Dependent>>> PromiseReconciler::Observe(Owner& owner,
                                                                std::uint64_t newest) {
  KLESS_CO_TRY(auto rows, co_await ReadIndex(owner.event_target.uid, newest));
  const Intent& intent = owner.intent;
  std::vector<Dependent> dependents;
  std::vector<std::string> unknown;
  dependents.reserve(std::max(rows.size(), intent.names.size()));
  // Both lists are sorted by name, so one pass tells which dependents both know.  Only those in one
  // of them cost a read of their own.
  auto name = intent.names.begin();
  for (OwnedResource& row : rows) {
    while (name != intent.names.end() && *name < row.name) unknown.push_back(*name++);
    const bool meant = name != intent.names.end() && *name == row.name;
    if (meant) ++name;
    // A dependent that has ended and been counted is in no intent any more, and its outcome cannot
    // change, so the row is as good as a read.
    const bool settled = !row.tracked && !row.deleting && IsTerminal(row.phase);
    if (meant || settled) {
      dependents.push_back({std::move(row), true, nullptr});
    } else {
      unknown.push_back(row.name);
    }
  }
  unknown.insert(unknown.end(), name, intent.names.end());
  for (const std::string& missing : unknown) {
    const ResourceId id{promises_.dependent_type, missing};
    const Result<ItemPtr> read = co_await run_.context->store.Get(id);
    if (read.has_error()) {
      if (read.error().code != ErrorCode::kNotFound) co_return read.error();
      // A lagging index still lists it, although it has been removed; only a name in the intent is
      // a promise.
      if (!intent.Contains(missing)) continue;
      Dependent promised;
      promised.resource.name = missing;
      promised.created = false;
      dependents.push_back(std::move(promised));
      continue;
    }
    const Item& item = *read.value();
    // It has been released, or adopted by another owner, since the index was made.
    if (!item.fields || item.fields->owner_uid != owner.event_target.uid) continue;
    dependents.push_back({MakeOwnedResource(missing, item), true, nullptr});
  }
  if (!unknown.empty()) {
    std::sort(dependents.begin(), dependents.end(), [](const Dependent& a, const Dependent& b) {
      return a.resource.name < b.resource.name;
    });
  }
  co_return dependents;
}

Task<Result<std::vector<Dependent>>> PromiseReconciler::ReadWhole(
    ItemPtr owner, std::vector<Dependent> dependents) {
  const std::vector<std::string> names = promises_.to_read(*owner, dependents);
  auto dependent = dependents.begin();
  for (const std::string& name : names) {
    while (dependent->resource.name != name) ++dependent;
    const ResourceId id{promises_.dependent_type, name};
    const Result<ItemPtr> item = co_await run_.context->store.Get(id);
    if (item.has_error()) {
      if (item.error().code != ErrorCode::kNotFound) co_return item.error();
      // Another environment counted it, and changed the owner.
      dependent = dependents.erase(dependent);
      continue;
    }
    dependent->resource = MakeOwnedResource(name, *item.value());
    dependent->item = item.value();
  }
  co_return dependents;
}

Task<Result<std::vector<Dependent>>> PromiseReconciler::ReadOrphans(std::string namespace_name) {
  KLESS_CO_TRY(const auto listed,
               co_await run_.context->store.List(promises_.dependent_type, namespace_name + "/"));
  std::vector<Dependent> orphans;
  for (const auto& [id, item] : listed) {
    if (!item->fields || !item->fields->owner_uid.empty()) continue;
    orphans.push_back({MakeOwnedResource(id.name, *item), true, item});
  }
  co_return orphans;
}

Task<Result<Outcome>> PromiseReconciler::Reconcile(ResourceId id, ItemPtr item, std::string uid,
                                                   std::uint64_t newest) {
  const Result<void> computed =
      co_await run_.context->store.Compute(run_.profile.reconcile_cpu.Sample(run_.context->random));
  if (computed.has_error()) co_return computed.error();
  Owner owner = PromisingOwner(id, *item, uid);
  controllers::OwnerObservation observed;
  TimerItem timer;
  observed.owner = item;
  observed.random = &run_.context->random;
  // An owner without a uid was written by a raw client, and nothing can refer to it.  The loop gets
  // it without dependents.
  if (!uid.empty()) {
    // The intent and the dependents are read at different moments.  Whatever another environment
    // promises or settles in between changes the intent, so that a creation planned from the
    // mixture fails.
    const Result<void> read = co_await ReadIntent(owner);
    if (read.has_error()) co_return read.error();
    const Result<TimerItem> remembered = co_await ReadOwnTimer(owner);
    if (remembered.has_error()) co_return remembered.error();
    timer = remembered.value();
    observed.memo = timer.memo;
    // The owner and the intent may be newer than the records of the batch.  A dependent that has
    // left the intent is found only in the index: in an older one, a dependent that the status
    // lists as uncounted would look gone, and one that is being deleted would not be waited for.
    const std::uint64_t seen = std::max({newest, item->version, owner.intent.version});
    KLESS_CO_TRY(auto dependents, co_await Observe(owner, seen));
    KLESS_CO_TRY(auto whole, co_await ReadWhole(item, std::move(dependents)));
    observed.dependents = std::move(whole);
    if (promises_.may_adopt(*item)) {
      KLESS_CO_TRY(auto orphans, co_await ReadOrphans(owner.namespace_name));
      observed.orphans = std::move(orphans);
    }
  }
  // The time is taken after the reads, which cost emulated time, so that deadlines are judged by
  // the moment at which the plan is made.
  observed.unix_nanos = run_.context->event_loop.UnixNanos();
  Plan plan;
  const bool orphaning = promises_.is_being_orphaned(*item);
  if (orphaning) {
    // Closing comes before the plan: from then on an environment with an older plan fails at its
    // next creation.
    const Result<Outcome> closed = co_await Close(owner);
    if (closed.has_error() || closed.value() == Outcome::kOvertaken) co_return closed;
    plan = promises_.reconcile_orphaned(*item, Existing(observed.dependents));
  } else {
    plan = promises_.reconcile(observed);
  }
  const bool again = plan.requeue_after == Duration::zero();
  const auto next_timer = NextTimer(timer, plan, observed.unix_nanos);
  PlanExecutor executor(*run_.context, run_.recorder);
  const Result<Outcome> done = co_await executor.Execute(owner, std::move(plan));
  if (done.has_error() || done.value() == Outcome::kOvertaken) co_return done;
  // The timer follows the plan.  If this environment dies before it is set, the batch comes again
  // and the same reconcile sets it.
  if (next_timer) {
    const Result<Outcome> set = co_await SetTimer(owner, *next_timer);
    if (set.has_error() || set.value() == Outcome::kOvertaken) co_return set;
  }
  if (orphaning) {
    // The intent is removed last, because it says whether there is a timer, and so lets these steps
    // be repeated after a crash.
    const Result<Outcome> forgotten = co_await RemoveTimer(owner);
    if (forgotten.has_error() || forgotten.value() == Outcome::kOvertaken) co_return forgotten;
    const Result<void> removed = co_await RemoveIntent(owner);
    if (removed.has_error()) co_return removed.error();
  }
  co_return again ? Outcome::kOvertaken : Outcome::kDone;
}

Task<Result<TimerItem>> PromiseReconciler::ReadOwnTimer(const Owner& owner) {
  TimerItem timer;
  if (owner.intent.timer) {
    const Result<TimerItem> read =
        co_await ReadTimer(&run_.context->store, run_.loop.name, owner.id.name);
    if (read.has_error()) co_return read.error();
    timer = read.value();
  }
  timer.function = run_.loop.name;
  timer.key = owner.id.name;
  if (timer.uid != owner.event_target.uid) {  // it belongs to an earlier owner of this name
    timer.uid = owner.event_target.uid;
    timer.memo.clear();
    timer.unix_nanos = 0;
  }
  co_return timer;
}

Task<Result<Outcome>> PromiseReconciler::SetTimer(Owner& owner, TimerItem timer) {
  if (!owner.intent.timer) {
    // It was left by an earlier owner of this name.
    const Result<TimerItem> old =
        co_await ReadTimer(&run_.context->store, run_.loop.name, owner.id.name);
    if (old.has_error()) co_return old.error();
    timer.version = old.value().version;
  }
  if (timer.version == 0 && timer.unix_nanos == 0 && timer.memo.empty()) co_return Outcome::kDone;
  std::vector<StoreClient::Action> actions;
  actions.push_back(TimerWrite(timer));
  // Requires that the owner is unchanged, so that nothing is left behind if it has gone.
  StoreClient::Action check;
  check.kind = TransactItem::Kind::kCheck;
  check.id = owner.id;
  check.condition = Condition::VersionIs(owner.version);
  actions.push_back(std::move(check));
  Intent intent = owner.intent;
  intent.owner_uid = owner.event_target.uid;
  intent.timer = true;
  if (!owner.intent.timer) actions.push_back(PutIntent(owner, intent));
  const auto written = co_await run_.context->store.Transact(std::move(actions));
  if (written.has_error()) {
    if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
    co_return written.error();
  }
  if (!owner.intent.timer) {
    intent.version = written.value().back().version;
    owner.intent = std::move(intent);
  }
  co_return Outcome::kDone;
}

Task<Result<Outcome>> PromiseReconciler::Close(Owner& owner) {
  if (owner.intent.version == 0 || owner.intent.closed) co_return Outcome::kDone;
  owner.intent.closed = true;
  const auto written = co_await run_.context->store.Put(
      IntentId(owner.namespace_name, owner.event_target.uid), owner.intent.ToDocument(),
      Condition::VersionIs(owner.intent.version));
  if (written.has_error()) {
    if (written.error().code == ErrorCode::kConflict) co_return Outcome::kOvertaken;
    co_return written.error();
  }
  owner.intent.version = written.value().version;
  co_return Outcome::kDone;
}

Task<Result<void>> PromiseReconciler::RemoveIntent(Owner& owner) {
  if (owner.intent.version == 0) co_return Result<void>();
  KLESS_CO_TRY_VOID(co_await run_.context->store.Remove(
      IntentId(owner.namespace_name, owner.event_target.uid), Condition::None()));
  co_return Result<void>();
}

Task<Result<Outcome>> PromiseReconciler::RemoveTimer(Owner& owner) {
  if (!owner.intent.timer) co_return Outcome::kDone;
  const Result<TimerItem> timer =
      co_await ReadTimer(&run_.context->store, run_.loop.name, owner.id.name);
  if (timer.has_error()) co_return timer.error();
  const TimerItem& item = timer.value();
  if (item.version == 0 || item.uid != owner.event_target.uid) co_return Outcome::kDone;
  const auto removed = co_await run_.context->store.Remove(TimerId(run_.loop.name, owner.id.name),
                                                           Condition::VersionIs(item.version));
  if (removed.has_value()) co_return Outcome::kDone;
  if (IsOvertaken(removed.error())) co_return Outcome::kOvertaken;
  co_return removed.error();
}

Task<Result<Outcome>> PromiseReconciler::CleanUp(ResourceId id, ItemPtr last, std::string uid,
                                                 std::uint64_t newest) {
  Owner owner = PromisingOwner(id, *last, uid);
  const Result<void> read = co_await ReadIntent(owner);
  if (read.has_error()) co_return read.error();
  const Result<Outcome> closed = co_await Close(owner);
  if (closed.has_error()) co_return closed.error();
  if (closed.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
  // Every dependent that still names this owner is deleted, finished or not.
  KLESS_CO_TRY(auto rows, co_await ReadIndex(uid, newest));
  std::vector<Dependent> dependents;
  for (OwnedResource& row : rows) dependents.push_back({std::move(row), true, nullptr});
  KLESS_CO_TRY(auto meant, co_await Observe(owner, 0));
  for (Dependent& dependent : meant) {
    const bool known = std::any_of(
        dependents.begin(), dependents.end(),
        [&](const Dependent& other) { return other.resource.name == dependent.resource.name; });
    if (!known && dependent.created) dependents.push_back(std::move(dependent));
  }
  PlanExecutor executor(*run_.context, run_.recorder);
  Plan plan = promises_.reconcile_gone(*last, dependents);
  const Result<Outcome> done = co_await executor.Execute(owner, std::move(plan));
  if (done.has_error()) co_return done.error();
  if (done.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
  const Result<Outcome> forgotten = co_await RemoveTimer(owner);
  if (forgotten.has_error()) co_return forgotten.error();
  if (forgotten.value() == Outcome::kOvertaken) co_return Outcome::kOvertaken;
  const Result<void> removed = co_await RemoveIntent(owner);
  if (removed.has_error()) co_return removed.error();
  co_return Outcome::kDone;
}

}  // namespace kless::control_planes
