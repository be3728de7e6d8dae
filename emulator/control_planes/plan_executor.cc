#include "emulator/control_planes/plan_executor.h"

#include <algorithm>

#include "emulator/control_planes/object_writes.h"
#include "functions/controllers/loop/resource_name.h"

namespace kless::control_planes {

using controllers::Batch;
using controllers::Creation;
using controllers::EventNote;
using controllers::Plan;

namespace {

// A transaction holds 100 actions (aws.md c51), one of which is the intent's.
constexpr std::size_t kDeletionsPerTransaction = 50;
// If other writers of the object win this often, something is wrong, and the record is retried.
constexpr int kEditAttempts = 50;

// The condition under which the name of an object that does not exist leaves the intent.  A
// creation checks the intent without writing it, so the version of the intent alone does not tell
// whether another environment has kept the promise since the object was looked for.
StoreClient::Action StillAbsent(const ResourceId& id) {
  StoreClient::Action action;
  action.kind = TransactItem::Kind::kCheck;
  action.id = id;
  action.condition = Condition::NotExists();
  return action;
}

}  // namespace

StoreClient::Action PutIntent(const Owner& owner, const Intent& intent) {
  StoreClient::Action action;
  action.kind = TransactItem::Kind::kPut;
  action.id = IntentId(owner.namespace_name, owner.event_target.uid);
  action.document = intent.ToDocument();
  action.condition =
      intent.version == 0 ? Condition::NotExists() : Condition::VersionIs(intent.version);
  return action;
}

namespace {

// Writes the fence of `owner` over the version that was read.  The text changes with each write,
// since an equal one would keep the version.
StoreClient::Action PutFence(const Owner& owner) {
  StoreClient::Action action;
  action.kind = TransactItem::Kind::kPut;
  action.id = owner.fence.id;
  action.document = "{\"after\":" + std::to_string(owner.fence.version) + "}";
  action.condition =
      owner.fence.version == 0 ? Condition::NotExists() : Condition::VersionIs(owner.fence.version);
  return action;
}

}  // namespace

bool IsOvertaken(const Error& error) {
  return error.code == ErrorCode::kConflict || error.code == ErrorCode::kAlreadyExists ||
         error.code == ErrorCode::kNotFound;
}

// The plan is a parameter by value: `creations` and the batches point into it across every wait
// below.
Task<Result<Outcome>> PlanExecutor::Execute(Owner& owner, Plan plan) {
  std::vector<Write*> creations;
  for (Batch& batch : plan.batches) {
    for (Write& write : batch.writes) {
      if (write.Is<controllers::Creation>()) creations.push_back(&write);
    }
  }
  // The namespace comes before the promise.  Names that no environment may create would otherwise
  // stay in the intent as promises that cannot be kept.
  if (!creations.empty() && (owner.promises || owner.fenced())) {
    const auto refusal = CreationRefusal(context_.store.Peek({"namespace", owner.namespace_name}),
                                         creations.front()->id);
    if (refusal) {
      // The rest of the plan is carried out.
      controllers::FailureReport report;
      report.write = creations.front();
      report.reason = controllers::FailureReport::Reason::kNamespaceTerminating;
      report.message = *refusal;
      Plan rest = plan.on_failure ? plan.on_failure(report) : Plan();
      // A replacement has no replacement of its own, so that failures cannot go on forever.
      rest.on_failure = nullptr;
      const Result<Outcome> done = co_await Execute(owner, std::move(rest));
      co_return done;
    }
  }
  // One write promises all names before the first object exists: wherever this environment dies,
  // the next one finds them in the intent.
  if (!creations.empty() && owner.promises) {
    const Result<Outcome> promised = co_await Promise(owner, creations);
    if (promised.has_error() || promised.value() == Outcome::kOvertaken) co_return promised;
  }
  for (Batch& batch : plan.batches) {
    const BatchEnd end = co_await RunBatch(owner, batch);
    const Result<Outcome>& ran = end.outcome;
    if (ran.has_value()) {
      if (ran.value() == Outcome::kOvertaken) co_return ran;
      continue;
    }
    if (ran.error().code == ErrorCode::kCancelled || !plan.on_failure) co_return ran;
    controllers::FailureReport report;
    report.created = created_;
    report.write = end.write;
    report.message = ran.error().message;
    Plan rest = plan.on_failure(report);
    rest.on_failure = nullptr;
    const Result<Outcome> reported = co_await Execute(owner, std::move(rest));
    // The first failure is returned even if the replacement succeeded, so that the batch of records
    // is not acknowledged and comes again.
    if (reported.has_error() && reported.error().code == ErrorCode::kCancelled) co_return reported;
    co_return ran;
  }
  for (const EventNote& note : plan.events) {
    const Result<void> said = co_await Say(owner, note, std::string());
    if (said.has_error()) co_return said.error();
  }
  co_return Outcome::kDone;
}

// Chooses the names and adds them to the intent, provided that the owner is unchanged: the number
// it wants cannot have decreased in between.
Task<Result<Outcome>> PlanExecutor::Promise(Owner& owner, std::vector<Write*> creations) {
  Intent intent = owner.intent;
  intent.owner_uid = owner.event_target.uid;
  std::vector<std::string> fresh;
  for (Write* write : creations) {
    if (!write->id.name.ends_with('/')) continue;  // promised by an earlier plan
    std::string name;
    do {
      name = write->id.name + std::get<Creation>(write->change).generate_name +
             context_.random.NameSuffix();
    } while (intent.Contains(name) || std::find(fresh.begin(), fresh.end(), name) != fresh.end());
    write->id.name = name;
    fresh.push_back(std::move(name));
  }
  if (fresh.empty()) co_return Outcome::kDone;
  intent.Add(std::move(fresh));
  std::vector<StoreClient::Action> actions;
  actions.push_back(PutIntent(owner, intent));
  StoreClient::Action check;
  check.kind = TransactItem::Kind::kCheck;
  check.id = owner.id;
  check.condition = Condition::VersionIs(owner.version);
  actions.push_back(std::move(check));
  const auto written = co_await context_.store.Transact(std::move(actions));
  if (written.has_error()) {
    if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
    co_return written.error();
  }
  // Every creation below checks this version: once another environment has written the intent, this
  // one creates nothing more.
  intent.version = written.value()[0].version;
  owner.intent = std::move(intent);
  co_return Outcome::kDone;
}

Task<PlanExecutor::BatchEnd> PlanExecutor::RunBatch(Owner& owner, Batch& batch) {
  BatchEnd end;
  std::vector<const Write*> deletions;
  for (Write& write : batch.writes) {
    end.write = &write;
    if (write.Is<controllers::Deletion>()) {
      deletions.push_back(&write);
      continue;
    }
    end.outcome = co_await Run(owner, write);
    if (end.outcome.has_error() || end.outcome.value() == Outcome::kOvertaken) co_return end;
    if (write.on_success) {
      const Result<void> said =
          co_await Say(owner, *write.on_success, controllers::NamePart(write.id.name));
      if (said.has_error()) {
        end.outcome = said.error();
        co_return end;
      }
    }
  }
  if (deletions.empty()) {
    end.outcome = Outcome::kDone;
    co_return end;
  }
  end.outcome = co_await Delete(owner, std::move(deletions));
  co_return end;
}

Task<Result<Outcome>> PlanExecutor::Run(Owner& owner, Write& write) {
  Result<Outcome> done = Outcome::kDone;
  if (write.Is<Creation>()) {
    done = co_await Create(owner, write);
  } else if (write.Is<controllers::Edit>()) {
    done = co_await Edit(owner, write);
  } else {
    done = co_await Update(owner, write);
  }
  co_return done;
}

Task<Result<Outcome>> PlanExecutor::CreateIfAbsent(const Write& write) {
  const Creation& creation = std::get<Creation>(write.change);
  const auto written = co_await context_.store.Put(
      write.id, creation.render(controllers::NamePart(write.id.name), context_.random.Uuid()),
      Condition::NotExists());
  if (written.has_error() && written.error().code != ErrorCode::kAlreadyExists) {
    co_return written.error();
  }
  // The name is complete and the same at every attempt, so an object that has it already is as good
  // as created.
  ++created_;
  co_return Outcome::kDone;
}

Task<Result<Outcome>> PlanExecutor::CreateFenced(Owner& owner, Write& write) {
  const Creation& creation = std::get<Creation>(write.change);
  if (write.id.name.ends_with('/')) {
    write.id.name += creation.generate_name + context_.random.NameSuffix();
  }
  std::vector<StoreClient::Action> actions(3);
  // The fence proves that no other environment has written since the observation, and the check
  // that the specification which asks for this object still holds.
  actions[0] = PutFence(owner);
  actions[1].kind = TransactItem::Kind::kCheck;
  actions[1].id = owner.id;
  actions[1].condition = Condition::VersionIs(owner.version);
  actions[2].kind = TransactItem::Kind::kPut;
  actions[2].id = write.id;
  actions[2].document =
      creation.render(controllers::NamePart(write.id.name), context_.random.Uuid());
  actions[2].condition = Condition::NotExists();
  const auto written = co_await context_.store.Transact(std::move(actions));
  if (written.has_error()) {
    if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
    co_return written.error();
  }
  // The next write of this plan replaces the version that this one made; with the old one the plan
  // would overtake itself.
  owner.fence.version = written.value()[0].version;
  ++created_;
  co_return Outcome::kDone;
}

Task<Result<Outcome>> PlanExecutor::Create(Owner& owner, Write& write) {
  if (owner.fenced()) {
    const Result<Outcome> created = co_await CreateFenced(owner, write);
    co_return created;
  }
  if (!owner.promises) {
    const Result<Outcome> created = co_await CreateIfAbsent(write);
    co_return created;
  }
  // An unchanged intent still contains the name and is not closed, so no environment has counted,
  // deleted or given up this object meanwhile.
  std::vector<StoreClient::Action> actions(2);
  actions[0].kind = TransactItem::Kind::kCheck;
  actions[0].id = IntentId(owner.namespace_name, owner.event_target.uid);
  actions[0].condition = Condition::VersionIs(owner.intent.version);
  actions[1].kind = TransactItem::Kind::kPut;
  actions[1].id = write.id;
  const Creation& creation = std::get<Creation>(write.change);
  actions[1].document =
      creation.render(controllers::NamePart(write.id.name), context_.random.Uuid());
  actions[1].condition = Condition::NotExists();
  const auto written = co_await context_.store.Transact(std::move(actions));
  if (written.has_value()) {
    ++created_;
    co_return Outcome::kDone;
  }
  // The name is taken: another environment kept the same promise.
  if (written.error().code == ErrorCode::kAlreadyExists) co_return Outcome::kOvertaken;
  if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
  co_return written.error();
}

Task<Result<Outcome>> PlanExecutor::Edit(Owner& owner, const Write& write) {
  // An edit is a function of the current document.  Losing to another writer of the object only
  // means applying it again, without a new observation or plan.
  for (int attempt = 0; attempt < kEditAttempts; ++attempt) {
    const Result<ItemPtr> current = co_await context_.store.Get(write.id);
    if (current.has_error() && current.error().code != ErrorCode::kNotFound) {
      co_return current.error();
    }
    std::vector<StoreClient::Action> actions;
    if (current.has_value()) {
      const Item& item = *current.value();
      std::optional<std::string> document =
          std::get<controllers::Edit>(write.change).apply(item.document);
      if (document) {
        StoreClient::Action action;
        action.id = write.id;
        action.condition = Condition::VersionIs(item.version);
        action.kind = EditRemoves(write.id, item, *document) ? TransactItem::Kind::kRemove
                                                             : TransactItem::Kind::kPut;
        action.document = std::move(*document);
        actions.push_back(std::move(action));
      }
    }
    const bool edits = !actions.empty();
    Intent intent = owner.intent;
    intent.Drop(write.settles);
    const bool settles = intent.names.size() != owner.intent.names.size();
    if (settles && current.has_error()) actions.push_back(StillAbsent(write.id));
    // A name leaves the intent in the transaction that accounts for its object.  If these were two
    // writes, a crash between them would have the object counted twice or created again.
    if (settles) actions.push_back(PutIntent(owner, intent));
    if (actions.empty()) co_return Outcome::kDone;
    const auto written = co_await context_.store.Transact(std::move(actions));
    if (written.has_value()) {
      if (settles) {
        intent.version = written.value().back().version;
        owner.intent = std::move(intent);
      }
      if (edits && write.id == owner.id) owner.version = written.value().front().version;
      co_return Outcome::kDone;
    }
    if (!IsOvertaken(written.error())) co_return written.error();
    // The condition that failed may be that of the intent: another environment has acted, and only
    // a new observation tells what is left to do.
    if (settles) co_return Outcome::kOvertaken;
  }
  co_return MakeError(ErrorCode::kConflict, write.id.type + " " + write.id.name +
                                                " changed under every attempt to edit it");
}

Task<Result<Outcome>> PlanExecutor::Update(Owner& owner, const Write& write) {
  // An update replaces exactly the version that its plan was made from, so unlike an edit it is
  // never tried again here.
  const bool is_owner = write.id == owner.id;
  const auto& update = std::get<controllers::Update>(write.change);
  const std::uint64_t version = update.version != 0 || !is_owner ? update.version : owner.version;
  std::uint64_t produced = 0;
  // A write of the owner needs no fence, because the version of the owner is a condition of it
  // already.
  if (owner.fenced() && !is_owner) {
    std::vector<StoreClient::Action> actions(2);
    actions[0] = PutFence(owner);
    actions[1].id = write.id;
    actions[1].document = update.document;
    actions[1].condition = Condition::VersionIs(version);
    const auto written = co_await context_.store.Transact(std::move(actions));
    if (written.has_error()) {
      if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    owner.fence.version = written.value()[0].version;
  } else if (write.settles.empty()) {
    const auto written =
        co_await context_.store.Put(write.id, update.document, Condition::VersionIs(version));
    if (written.has_error()) {
      if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    produced = written.value().version;
  } else {
    Intent intent = owner.intent;
    intent.Drop(write.settles);
    std::vector<StoreClient::Action> actions;
    StoreClient::Action put;
    put.id = write.id;
    put.document = update.document;
    put.condition = Condition::VersionIs(version);
    actions.push_back(std::move(put));
    const bool changes_intent = intent.names.size() != owner.intent.names.size();
    if (changes_intent) actions.push_back(PutIntent(owner, intent));
    const auto written = co_await context_.store.Transact(std::move(actions));
    if (written.has_error()) {
      if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    produced = written.value()[0].version;
    if (changes_intent) {
      intent.version = written.value()[1].version;
      owner.intent = std::move(intent);
    }
  }
  // Later writes and checks of this plan refer to the version that this one made.
  if (is_owner) owner.version = produced;
  co_return Outcome::kDone;
}

Task<Result<Outcome>> PlanExecutor::Delete(Owner& owner, std::vector<const Write*> writes) {
  // Deletions are gathered, since each transaction of them also writes the intent or the fence.
  // One by one they would write it once for each object.
  for (std::size_t begin = 0; begin < writes.size(); begin += kDeletionsPerTransaction) {
    const std::size_t end = std::min(writes.size(), begin + kDeletionsPerTransaction);
    Intent intent = owner.intent;
    std::vector<StoreClient::Action> actions;
    std::vector<const Write*> deleted;
    for (std::size_t i = begin; i < end; ++i) {
      const Write& write = *writes[i];
      intent.Drop(write.settles);
      const Result<ItemPtr> current = co_await context_.store.Get(write.id);
      if (current.has_error()) {
        if (current.error().code != ErrorCode::kNotFound) co_return current.error();
        // It was only promised, or is gone.
        if (owner.intent.Contains(write.id.name)) actions.push_back(StillAbsent(write.id));
        continue;
      }
      // A lagging index may still list an object that now has another owner, or none.
      const ItemPtr& item = current.value();
      const auto& deletion = std::get<controllers::Deletion>(write.change);
      if (!Concerns(deletion, *item, owner.event_target.uid)) continue;
      StoreClient::Action action;
      action.id = write.id;
      action.condition = Condition::VersionIs(item->version);
      auto rest = DeletionLeaves(write.id, *item, deletion, context_.event_loop.UnixNanos());
      action.kind = rest ? TransactItem::Kind::kPut : TransactItem::Kind::kRemove;
      if (rest) action.document = std::move(*rest);
      actions.push_back(std::move(action));
      deleted.push_back(&write);
    }
    const bool changes_intent = intent.names.size() != owner.intent.names.size();
    if (changes_intent) actions.push_back(PutIntent(owner, intent));
    if (actions.empty()) continue;
    // An owner has an intent or a fence but never both, so the last result below belongs to the one
    // that was written.
    if (owner.fenced()) actions.push_back(PutFence(owner));
    const auto written = co_await context_.store.Transact(std::move(actions));
    if (written.has_error()) {
      if (IsOvertaken(written.error())) co_return Outcome::kOvertaken;
      co_return written.error();
    }
    if (owner.fenced()) owner.fence.version = written.value().back().version;
    if (changes_intent) {
      intent.version = written.value().back().version;
      owner.intent = std::move(intent);
    }
    // Events wait for the transaction, so that none reports a deletion that was refused.
    for (const Write* write : deleted) {
      if (!write->on_success) continue;
      const Result<void> said =
          co_await Say(owner, *write->on_success, controllers::NamePart(write->id.name));
      if (said.has_error()) co_return said.error();
    }
  }
  co_return Outcome::kDone;
}

// Events are best effort, as in Kubernetes: losing one is not a failure.
Task<Result<void>> PlanExecutor::Say(Owner& owner, EventNote note, std::string name) {
  owner.event_target.resource_version = owner.version;
  const auto event = recorder_.Record(note.about ? *note.about : owner.event_target, note,
                                      note.append_name ? name : "", context_.event_loop.UnixNanos(),
                                      context_.random.Uuid());
  if (!event) co_return Result<void>();
  const auto written = co_await context_.store.Put(event->id, event->document, Condition::None());
  if (written.has_error() && written.error().code == ErrorCode::kCancelled) {
    co_return written.error();
  }
  co_return Result<void>();
}

}  // namespace kless::control_planes
