// The one write path.
//
// A request is decided first (condition, new item, sizes, index keys, cost) and then written; with
// one writer on one thread nothing comes in between, so that a transaction decides all its actions
// before it writes any.  The token of a transaction is saved in the transaction that it names.

#include "emulator/dynamodb/writer.h"

#include <algorithm>
#include <set>

#include "emulator/base/strings.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/reader.h"

namespace kless::dynamodb {
namespace {

using Kind = WriteRequest::Kind;

constexpr const char* kTokenPrefix = "dynamodb.token.";
constexpr const char* kConditionFailed = "The conditional request failed";
constexpr const char* kConflict = "Transaction is ongoing for the item";

// The attributes of the index's key that the item has, checked as a key of the index.
Outcome<std::optional<kless::Key>> EntryOf(const TableState& table, const SecondaryIndex& index,
                                           const Item& item, ItemOrigin origin,
                                           PaddedParser& parser) {
  const StoredSource source(table.layout, item, parser);
  AttributeMap needed;
  for (const auto* const part : {&index.key.partition, &index.key.sort}) {
    for (const KeyAttribute& attribute : *part) {
      const AttributeValue* const value = source.Find(attribute.name);
      if (value != nullptr) needed.emplace(attribute.name, *value);
    }
  }
  auto entry = IndexKeyOf(index.key, index.name, needed, origin);
  if (entry.has_error()) return FromError(entry.error());
  return std::move(entry.value());
}

// What a write costs in an index: nothing if the entry stays as it is, else a write of the larger
// image; two writes if the entry moves.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
double EntryUnits(const TableState& table, const SecondaryIndex& index,
                  const std::optional<kless::Key>& before, const std::optional<kless::Key>& after,
                  const ItemPtr& old_item, const ItemPtr& new_item, bool transaction) {
  const ItemPtr old_shown = before ? Projected(table, index, old_item) : nullptr;
  const ItemPtr new_shown = after ? Projected(table, index, new_item) : nullptr;
  const std::size_t old_bytes = old_shown ? SizeOfStored(table.layout, *old_shown) : 0;
  const std::size_t new_bytes = new_shown ? SizeOfStored(table.layout, *new_shown) : 0;
  if (before && after && *before != *after) {
    return WriteUnits(old_bytes, transaction) + WriteUnits(new_bytes, transaction);
  }
  if (!before && !after) return 0;
  const bool same = old_shown && new_shown && old_shown->attributes == new_shown->attributes &&
                    old_shown->document == new_shown->document;
  return same ? 0 : WriteUnits(std::max(old_bytes, new_bytes), transaction);
}

CancellationReason ReasonOf(const Failure& failure) {
  switch (failure.kind) {
    case FailureKind::kConditionalCheckFailed:
      return {"ConditionalCheckFailed", failure.message, failure.item};
    case FailureKind::kThroughputExceeded:
      return {"ProvisionedThroughputExceeded", failure.message, nullptr};
    default:
      return {"ValidationError", failure.message, nullptr};
  }
}

Failure Cancelled(std::vector<CancellationReason> reasons) {
  std::string codes;
  for (const CancellationReason& reason : reasons) {
    codes += (codes.empty() ? "" : ", ") + reason.code;
  }
  Failure failure = Fail(FailureKind::kTransactionCanceled,
                         "Transaction cancelled, please refer cancellation reasons for specific "
                         "reasons [" +
                             codes + "]");
  failure.reasons = std::move(reasons);
  return failure;
}

}  // namespace

Writer::Writer(Catalog& catalog, Capacity& capacity, Duration transaction_time)
    : catalog_(catalog), capacity_(capacity), transaction_time_(transaction_time) {
  for (const auto& [name, text] : catalog_.store().LoadValues(kTokenPrefix)) {
    tokens_.emplace_back(name, ParseInteger(text.substr(0, text.find(' '))).value_or(0));
  }
  std::stable_sort(tokens_.begin(), tokens_.end(),
                   [](const auto& a, const auto& b) { return a.second < b.second; });
}

bool Writer::Held(int table_id, const kless::Key& key) const {
  if (held_.empty()) return false;
  const std::int64_t now = catalog_.event_loop().UnixNanos();
  std::erase_if(held_, [now](const auto& entry) { return entry.second <= now; });
  return held_.contains({table_id, key});
}

bool Writer::InTransaction(const TableState& table, const kless::Key& key) const {
  return Held(table.store_id(), key);
}

void Writer::Hold(const std::vector<WriteRequest>& actions) {
  if (transaction_time_ <= Duration::zero()) return;
  const std::int64_t until = catalog_.event_loop().UnixNanos() + transaction_time_.count();
  for (const WriteRequest& action : actions) {
    held_[{action.table->store_id(), action.item.key}] = until;
  }
}

Outcome<Writer::Decision> Writer::Decide(WriteRequest& request, bool transaction) {
  const TableState& table = *request.table;
  Decision decision;
  auto found = table.table->Get(request.item.key);
  if (found.has_value()) decision.before = std::move(found.value());
  const std::size_t old_bytes = decision.before ? SizeOfStored(table.layout, *decision.before) : 0;
  decision.cost.table.write = WriteUnits(old_bytes, transaction);
  if (request.condition) {
    const auto holds = request.condition(decision.before);
    if (holds.has_error()) return holds.error();
    if (!holds.value()) {
      capacity_.Charge(table, request.item.key.partition, decision.cost);
      Failure failure = Fail(FailureKind::kConditionalCheckFailed, kConditionFailed);
      failure.item = decision.before;
      return failure;
    }
  }
  if (request.kind == Kind::kCheck) return decision;
  if (request.kind == Kind::kPut) {
    decision.after = std::make_shared<Item>(std::move(request.item));
    request.item.key = decision.after->key;
  } else if (request.kind == Kind::kUpdate) {
    auto updated = request.update(decision.before);
    if (updated.has_error()) return updated.error();
    decision.after = std::move(updated.value());
    if (!decision.after) return decision;
  }
  decision.writes = true;
  if (decision.after) {
    const std::size_t bytes = SizeOfStored(table.layout, *decision.after);
    if (bytes > kItemBytesMax) {
      return Invalid(request.kind == Kind::kUpdate
                         ? "Item size to update has exceeded the maximum allowed size"
                         : "Item size has exceeded the maximum allowed size");
    }
    decision.cost.table.write = WriteUnits(std::max(bytes, old_bytes), transaction);
  }
  for (const SecondaryIndex& index : table.indexes) {
    std::optional<kless::Key> before;
    std::optional<kless::Key> after;
    if (decision.after) {
      const ItemOrigin origin =
          request.kind == Kind::kUpdate ? ItemOrigin::kUpdate : ItemOrigin::kPut;
      KLESS_TRY(after, EntryOf(table, index, *decision.after, origin, parser_));
    }
    if (decision.before) {
      // An item from before the index need not fit it.
      auto old = EntryOf(table, index, *decision.before, ItemOrigin::kPut, parser_);
      if (old.has_value()) before = std::move(old.value());
    }
    const double units =
        EntryUnits(table, index, before, after, decision.before, decision.after, transaction);
    if (units == 0) continue;
    (index.is_global() ? decision.cost.global : decision.cost.local)[index.name].write = units;
  }
  return decision;
}

Outcome<void> Writer::Admit(const WriteRequest& request, const Decision& decision) {
  for (const auto& [name, units] : decision.cost.global) {
    KLESS_TRY_VOID(
        capacity_.Admit(*request.table, request.table->FindIndex(name), {}, /*write=*/true));
  }
  return {};
}

WriteOutcome Writer::OutcomeOf(const WriteRequest& request, Decision decision,
                               const WriteResult& result) {
  WriteOutcome outcome;
  outcome.old_item = decision.before;
  outcome.changed = result.changed;
  outcome.new_item = decision.writes ? result.image : decision.before;
  capacity_.Charge(*request.table, request.item.key.partition, decision.cost);
  outcome.consumed = std::move(decision.cost);
  return outcome;
}

Outcome<WriteOutcome> Writer::Write(WriteRequest request) {
  const TableState& table = *request.table;
  if (Held(table.store_id(), request.item.key)) {
    return Fail(FailureKind::kTransactionConflict, kConflict);
  }
  KLESS_TRY_VOID(capacity_.Admit(table, nullptr, request.item.key.partition, /*write=*/true));
  KLESS_TRY(Decision decision, Decide(request, /*transaction=*/false));
  KLESS_TRY_VOID(Admit(request, decision));
  WriteResult result;
  if (decision.writes) {
    const auto written = decision.after ? table.table->Put(std::move(*decision.after), {})
                                        : table.table->Remove(request.item.key, {});
    if (written.has_error()) return FromError(written.error());
    result = written.value();
  }
  return OutcomeOf(request, std::move(decision), result);
}

TransactionOutcome Writer::Repeated(const std::vector<WriteRequest>& actions) {
  TransactionOutcome outcome;
  outcome.repeated = true;
  for (const WriteRequest& action : actions) {
    if (action.refused) continue;
    const auto item = action.table->table->Get(action.item.key);
    ConsumedCapacity consumed;
    consumed.table.read =
        ReadUnits(item.has_value() ? SizeOfStored(action.table->layout, *item.value()) : 0,
                  Consistency::kTransaction);
    capacity_.Charge(*action.table, action.item.key.partition, consumed);
    outcome.consumed[action.table->name] += consumed;
  }
  return outcome;
}

void Writer::SaveToken(const std::string& name, std::uint64_t fingerprint) {
  Store& store = catalog_.store();
  const std::int64_t now = store.UnixNanos();
  while (!tokens_.empty() && tokens_.front().second + kTokenLife.count() <= now) {
    // A token that was used again since then has a later entry.
    const auto text = store.LoadValue(tokens_.front().first);
    if (text && text->starts_with(std::to_string(tokens_.front().second) + " ")) {
      store.RemoveValue(tokens_.front().first);
    }
    tokens_.pop_front();
  }
  store.SaveValue(name, std::to_string(now) + " " + std::to_string(fingerprint));
  tokens_.emplace_back(name, now);
}

Outcome<TransactionOutcome> Writer::Transact(std::vector<WriteRequest> actions, const Scope& scope,
                                             const std::string& token, std::uint64_t fingerprint) {
  Store& store = catalog_.store();
  std::set<std::pair<int, kless::Key>> items;
  for (const WriteRequest& action : actions) {
    if (action.refused) continue;
    if (!items.emplace(action.table->store_id(), action.item.key).second) {
      return Invalid("Transaction request cannot include multiple operations on one item");
    }
  }
  const std::string token_name = kTokenPrefix + scope.account + "." + scope.region + "." + token;
  if (!token.empty()) {
    const auto known = store.LoadValue(token_name);
    const auto space = known ? known->find(' ') : std::string::npos;
    if (space != std::string::npos &&
        ParseInteger(known->substr(0, space)).value_or(0) + kTokenLife.count() >
            store.UnixNanos()) {
      if (known->substr(space + 1) != std::to_string(fingerprint)) {
        return Fail(FailureKind::kIdempotentParameterMismatch,
                    "Request parameters do not match those of the earlier request with this "
                    "client token");
      }
      return Repeated(actions);
    }
  }
  std::vector<CancellationReason> reasons(actions.size());
  bool cancelled = false;
  const auto cancel = [&](std::size_t action, CancellationReason reason) {
    reasons[action] = std::move(reason);
    cancelled = true;
  };
  for (std::size_t i = 0; i < actions.size() && !cancelled; ++i) {
    if (actions[i].refused) cancel(i, ReasonOf(*actions[i].refused));
  }
  if (cancelled) return Cancelled(std::move(reasons));
  std::vector<Decision> decisions(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const TableState& table = *actions[i].table;
    if (Held(table.store_id(), actions[i].item.key)) {
      cancel(i, {"TransactionConflict", kConflict, nullptr});
      continue;
    }
    const auto admitted =
        capacity_.Admit(table, nullptr, actions[i].item.key.partition, /*write=*/true);
    if (admitted.has_error()) {
      cancel(i, ReasonOf(admitted.error()));
      continue;
    }
    auto decided = Decide(actions[i], /*transaction=*/true);
    if (decided.has_error()) {
      cancel(i, ReasonOf(decided.error()));
      continue;
    }
    decisions[i] = std::move(decided.value());
    const auto indexes = Admit(actions[i], decisions[i]);
    if (indexes.has_error()) cancel(i, ReasonOf(indexes.error()));
  }
  if (cancelled) return Cancelled(std::move(reasons));

  std::vector<TransactItem> writes;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (!decisions[i].writes) continue;
    TransactItem write;
    write.kind = decisions[i].after ? TransactItem::Kind::kPut : TransactItem::Kind::kRemove;
    write.table = actions[i].table->table;
    if (decisions[i].after) {
      write.item = std::move(*decisions[i].after);
    } else {
      write.item.key = actions[i].item.key;
    }
    writes.push_back(std::move(write));
    places.push_back(i);
  }
  std::vector<WriteResult> results(actions.size());
  if (!writes.empty()) {
    const auto written = store.Transact(std::move(writes));
    if (written.has_error()) return FromError(written.error());
    for (std::size_t i = 0; i < places.size(); ++i) results[places[i]] = written.value()[i];
  }
  if (!token.empty()) SaveToken(token_name, fingerprint);
  Hold(actions);
  TransactionOutcome outcome;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    outcome.writes.push_back(OutcomeOf(actions[i], std::move(decisions[i]), results[i]));
    outcome.consumed[actions[i].table->name] += outcome.writes.back().consumed;
  }
  return outcome;
}

std::uint64_t Writer::CollectionBytes(const TableState& table, const std::string& partition) {
  std::uint64_t bytes = 0;
  PaddedParser parser;
  table.table->VisitPartition(partition, {}, [&](const StoredKey& found) {
    const ItemPtr item = table.table->Image(found.key, found.version);
    bytes += SizeOfStored(table.layout, *item);
    for (const SecondaryIndex& index : table.indexes) {
      if (index.is_global()) continue;
      const auto entry = EntryOf(table, index, *item, ItemOrigin::kPut, parser);
      if (entry.has_error() || !entry.value()) continue;
      bytes += SizeOfStored(table.layout, *Projected(table, index, item));
    }
    return true;
  });
  return bytes;
}

bool Writer::Expire(const TableState& table, const kless::Key& key, std::uint64_t version) {
  const auto removed = table.table->RemoveExpired(key, Condition::VersionIs(version));
  return removed.has_value() && removed.value().changed;
}

}  // namespace kless::dynamodb
