// UpdateTable: what may be changed together, and what each change does.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "emulator/dynamodb/catalog_parts.h"
#include "emulator/dynamodb/table_rules.h"

namespace kless::dynamodb {
namespace {

Failure OneIndexAtATime() {
  return Fail(FailureKind::kLimitExceeded,
              "Subscriber limit exceeded: Only 1 online index can be created or deleted "
              "simultaneously per table");
}

Failure NoChange(const Throughput& now, const Throughput& wanted) {
  return Invalid(
      "The provisioned throughput for the table will not change. The requested value equals the "
      "current value. Current ReadCapacityUnits provisioned for the table: " +
      std::to_string(now.read) + ". Requested ReadCapacityUnits: " + std::to_string(wanted.read) +
      ". Current WriteCapacityUnits provisioned for the table: " + std::to_string(now.write) +
      ". Requested WriteCapacityUnits: " + std::to_string(wanted.write) +
      ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
      "limits.");
}

bool ChangesNothing(const TableUpdate& update) {
  return !update.ChangesStatus() && !update.deletion_protection && !update.sse;
}

void Complete(Throughput* units, ThroughputChanges* changes) {
  if (!changes->pending) return;
  const ThroughputChange change = *std::exchange(changes->pending, std::nullopt);
  *units = change.units;
  if (change.increases) changes->last_increase_nanos = change.complete_nanos;
  if (!change.decreases) return;
  changes->decreases_today = changes->DecreasesOn(change.complete_nanos) + 1;
  changes->last_decrease_nanos = change.complete_nanos;
}

Outcome<void> CheckIndexNames(const TableUpdate& update) {
  std::set<std::string> names;
  std::string repeated;
  const auto note = [&](const std::string& name) {
    if (!names.insert(name).second) repeated = name;
  };
  for (const auto& index : update.created) note(index.name);
  for (const auto& index : update.updated) note(index.name);
  for (const auto& name : update.deleted) note(name);
  if (repeated.empty()) return {};
  return InvalidParameters(
      "Only one global secondary index update per index is allowed simultaneously. Index: " +
      repeated);
}

// What is wrong whatever the table is, even if there is none.
Outcome<void> CheckAlone(const TableUpdate& update) {
  if (ChangesNothing(update)) {
    return Invalid(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
  }
  if (update.throughput) {
    KLESS_TRY_VOID(CheckThroughput(*update.throughput));
  }
  if (update.sse) {
    KLESS_TRY_VOID(CheckEncryption(*update.sse));
  }
  return CheckIndexNames(update);
}

Outcome<void> CheckStream(const TableState& table, const TableUpdate& update) {
  if (!update.stream_enabled) return {};
  if (*update.stream_enabled) {
    if (table.stream() != nullptr) {
      return InvalidParameters("Table already has an enabled stream: TableName: " + table.name);
    }
    return CheckView(/*enabled=*/true, update.view);
  }
  KLESS_TRY_VOID(CheckView(/*enabled=*/false, update.view));
  if (table.stream() == nullptr) {
    return InvalidParameters("Table has no stream to disable: TableName: " + table.name);
  }
  if (table.is_resource_table()) {
    return InvalidParameters("the stream of table " + table.name +
                             " drives this control plane and cannot be disabled");
  }
  return {};
}

Outcome<void> CheckThroughputUpdate(const TableState& table, const TableUpdate& update) {
  const BillingMode billing = update.billing.value_or(table.billing);
  const bool switched = billing != table.billing;
  if (billing == BillingMode::kPayPerRequest) {
    if (!update.throughput) return {};
    return InvalidParameters(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST");
  }
  if (!update.throughput) {
    if (!switched) return {};
    return InvalidParameters(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (!switched && *update.throughput == table.throughput) {
    return NoChange(table.throughput, *update.throughput);
  }
  if (!switched) return {};
  std::string missing;
  for (const SecondaryIndex& index : table.indexes) {
    const bool given = std::any_of(
        update.updated.begin(), update.updated.end(),
        [&](const auto& one) { return one.name == index.name && one.throughput.has_value(); });
    if (index.is_global() && !given) missing += (missing.empty() ? "" : ",") + index.name;
  }
  if (missing.empty()) return {};
  return InvalidParameters("ProvisionedThroughput must be specified for index: " + missing);
}

}  // namespace

bool TableUpdate::ChangesStatus() const {
  return billing || throughput || on_demand || warm || stream_enabled || table_class ||
         !created.empty() || !updated.empty() || !deleted.empty();
}

Outcome<void> Catalog::CheckIndexUpdates(const TableState& table, const TableUpdate& update) const {
  if (update.created.size() + update.deleted.size() > 1) return OneIndexAtATime();
  if (update.created.size() + update.deleted.size() == 1) {
    for (const SecondaryIndex& index : table.indexes) {
      if (StatusOf(index) != TableStatus::kActive) return OneIndexAtATime();
    }
  }
  const auto missing = [] {
    return Fail(FailureKind::kResourceNotFound, "Requested resource not found");
  };
  for (const std::string& name : update.deleted) {
    const SecondaryIndex* const index = table.FindIndex(name);
    if (index == nullptr || !index->is_global()) return missing();
  }
  for (const auto& wanted : update.updated) {
    if (wanted.throughput) {
      KLESS_TRY_VOID(CheckThroughput(*wanted.throughput));
    }
    const SecondaryIndex* const index = table.FindIndex(wanted.name);
    if (index == nullptr || !index->is_global()) return missing();
    if (!wanted.throughput) continue;
    KLESS_TRY_VOID(CheckNoThroughput(wanted.name, update.billing.value_or(table.billing)));
    if (table.billing == BillingMode::kProvisioned && *wanted.throughput == index->throughput) {
      return NoChange(index->throughput, *wanted.throughput);
    }
  }
  for (const TableRequest::Index& index : update.created) {
    if (table.FindIndex(index.name) != nullptr) {
      return Invalid("Attempting to create an index which already exists: " + index.name);
    }
    for (const KeyAttribute& attribute : table.Attributes()) {
      for (const KeyAttribute& given : update.attributes) {
        if (given.name == attribute.name && given.type != attribute.type) {
          return InvalidParameters("Attribute " + given.name +
                                   " cannot be redefined with another type");
        }
      }
    }
    KLESS_TRY_VOID(CheckIndex(index, update.attributes, {}));
    KLESS_TRY_VOID(CheckIndexBilling(index, update.billing.value_or(table.billing)));
    const auto globals = std::count_if(table.indexes.begin(), table.indexes.end(),
                                       [](const auto& one) { return one.is_global(); });
    KLESS_TRY_VOID(CheckGlobalIndexes(static_cast<std::size_t>(globals) + 1));
    const std::size_t projected = index.projected ? index.projected->size() : 0;
    KLESS_TRY_VOID(CheckProjected(CountProjected(table.indexes) + projected));
  }
  return {};
}

Outcome<void> Catalog::CheckUpdate(const TableState& table, const TableUpdate& update) const {
  KLESS_TRY_VOID(CheckIndexUpdates(table, update));
  KLESS_TRY_VOID(CheckThroughputUpdate(table, update));
  return CheckStream(table, update);
}

Catalog::StateResult Catalog::FindChangeable(const Scope& scope, std::string_view name_or_arn) {
  KLESS_TRY(TableState* const table, FindState(scope, name_or_arn));
  const TableStatus status = StatusOf(*table);
  if (status == TableStatus::kActive) return table;
  const char* const what = status == TableStatus::kCreating   ? "created"
                           : status == TableStatus::kDeleting ? "deleted"
                                                              : "updated";
  return Fail(FailureKind::kResourceInUse,
              std::string("Attempt to change a resource which is still in use: Table is being ") +
                  what + ": " + table->name);
}

void Catalog::ChangeThroughput(const Throughput& wanted, bool switched, Throughput* units,
                               ThroughputChanges* changes) const {
  // The dates that AWS shows have milliseconds, and an update there is complete later than it is
  // asked for.
  constexpr std::int64_t kResolution = 1'000'000;
  ThroughputChange change;
  change.units = wanted;
  change.increases = wanted.read > units->read || wanted.write > units->write;
  change.decreases = wanted.read < units->read || wanted.write < units->write;
  change.complete_nanos = std::max(Later(), Now() + kResolution);
  changes->pending = change;
  if (switched) *units = wanted;
}

bool Catalog::SettleUpdate(TableState& table) {
  const std::int64_t now = Now();
  bool changed = false;
  if (table.next_encryption && now >= table.encrypted_nanos) {
    table.encryption = *std::exchange(table.next_encryption, std::nullopt);
    changed = true;
  }
  if (now < table.updated_nanos) return changed;
  const auto complete = [&changed](Throughput* units, ThroughputChanges* changes) {
    changed = changed || changes->pending.has_value();
    Complete(units, changes);
  };
  complete(&table.throughput, &table.changes);
  for (SecondaryIndex& index : table.indexes) complete(&index.throughput, &index.changes);
  if (std::exchange(table.becomes_on_demand, false)) {
    table.on_demand_nanos = table.updated_nanos;
    changed = true;
  }
  return std::exchange(table.is_warming, false) || changed;
}

Outcome<void> Catalog::ApplyIndexUpdates(TableState& table, const TableUpdate& update,
                                         bool switched) {
  for (const auto& wanted : update.updated) {
    SecondaryIndex& index = *table.FindIndex(wanted.name);
    if (wanted.throughput) {
      ChangeThroughput(*wanted.throughput, switched, &index.throughput, &index.changes);
      if (!switched) index.changes.NoteRequest(Now());
    }
    if (wanted.on_demand) index.on_demand = *wanted.on_demand;
  }
  for (const std::string& name : update.deleted) table.FindIndex(name)->deleted_nanos = Later();
  for (const TableRequest::Index& wanted : update.created) {
    SecondaryIndex index = MakeIndex(wanted, update.attributes);
    index.active_nanos = Later();
    KLESS_TRY_VOID(AddIndex(table, std::move(index)));
  }
  return {};
}

// Whether the billing mode changes.
bool Catalog::ApplyBilling(TableState& table, const TableUpdate& update) {
  if (!update.billing) return false;
  table.billing_was_given = true;
  if (*update.billing == table.billing) return false;
  table.billing = *update.billing;
  if (table.billing == BillingMode::kProvisioned) return true;
  table.becomes_on_demand = true;
  ChangeThroughput({}, /*switched=*/true, &table.throughput, &table.changes);
  table.changes.NoteRequest(Now());
  for (SecondaryIndex& index : table.indexes) {
    if (index.is_global()) {
      ChangeThroughput({}, /*switched=*/true, &index.throughput, &index.changes);
    }
  }
  return true;
}

Outcome<TableState> Catalog::Update(const Scope& scope, std::string_view name,
                                    const TableUpdate& update) {
  KLESS_TRY_VOID(CheckAlone(update));
  KLESS_TRY(TableState* const found, FindState(scope, name));
  TableState& table = *found;
  const bool only_indexes = !update.created.empty() || !update.deleted.empty();
  if (!only_indexes || StatusOf(table) != TableStatus::kUpdating) {
    KLESS_TRY_VOID(FindChangeable(scope, name));
  }
  KLESS_TRY_VOID(CheckUpdate(table, update));
  CleanStreams();
  const bool switched = ApplyBilling(table, update);
  if (update.throughput) {
    ChangeThroughput(*update.throughput, switched, &table.throughput, &table.changes);
    table.changes.NoteRequest(Now());
  }
  if (update.on_demand) table.on_demand = *update.on_demand;
  if (update.warm) {
    table.warm = update.warm;
    table.is_warming = true;
  }
  if (update.deletion_protection) table.deletion_protection = *update.deletion_protection;
  if (update.table_class) {
    table.table_class = *update.table_class;
    table.table_class_nanos = Now();
  }
  if (update.sse) {
    table.next_encryption = EncryptionOf(table.creator, *update.sse);
    table.encrypted_nanos = Later();
    if (*table.next_encryption == table.encryption) table.next_encryption.reset();
  }
  if (update.stream_enabled && *update.stream_enabled) {
    AddStream(table, *update.view);
  } else if (update.stream_enabled) {
    EndStream(table);
  }
  if (update.ChangesStatus()) table.updated_nanos = Later();
  KLESS_TRY_VOID(ApplyIndexUpdates(table, update, switched));
  TableState during = table;
  for (const TableRequest::Index& wanted : update.created) {
    // Even if it is complete at once.
    SecondaryIndex& index = *during.FindIndex(wanted.name);
    index.active_nanos = std::max(index.active_nanos, Now() + 1);
    index.backfilled = true;
  }
  SettleUpdate(table);
  Save(table);
  UpdateRetention();
  for (const auto& callback : parts_->callbacks) callback(table.store_id());
  return during;
}

}  // namespace kless::dynamodb
