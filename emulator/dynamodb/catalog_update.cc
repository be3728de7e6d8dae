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

// `what`: "the table", "the index NAME"; `of`: "table", "index".
Failure NoChange(const std::string& what, const std::string& of, const Throughput& now,
                 const Throughput& wanted) {
  return Invalid("The provisioned throughput for " + what +
                 " will not change. The requested value equals the current value. Current "
                 "ReadCapacityUnits provisioned for the " +
                 of + ": " + std::to_string(now.read) + ". Requested ReadCapacityUnits: " +
                 std::to_string(wanted.read) + ". Current WriteCapacityUnits provisioned for the " +
                 of + ": " + std::to_string(now.write) +
                 ". Requested WriteCapacityUnits: " + std::to_string(wanted.write) +
                 ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                 "request higher limits.");
}

bool ChangesNothing(const TableUpdate& update) {
  return !update.ChangesStatus() && !update.deletion_protection && !update.sse &&
         !update.on_demand && !update.warm;
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

// Which changes one request can ask for together.
Outcome<void> CheckTogether(const TableUpdate& update) {
  const bool makes_or_deletes = !update.created.empty() || !update.deleted.empty();
  const bool indexes = makes_or_deletes || !update.updated.empty();
  const bool units = update.throughput || update.billing == BillingMode::kProvisioned;
  const int count =
      (update.sse ? 1 : 0) + (update.table_class ? 1 : 0) + (update.deletion_protection ? 1 : 0) +
      (update.warm ? 1 : 0) + (update.on_demand ? 1 : 0) + (update.billing ? 1 : 0) +
      (update.throughput ? 1 : 0) + (update.stream_enabled ? 1 : 0) + (indexes ? 1 : 0);
  const auto alone = [](const char* what) {
    return InvalidParameters(std::string(what) + " must be the only operation in the request");
  };
  if (update.sse && count > 1) return alone("Server-Side Encryption modification");
  if (update.table_class && count > 1) return alone("TableClass modification");
  if (update.deletion_protection && count > 1) return alone("DeletionProtection modification");
  if (update.warm && !update.created.empty()) {
    return InvalidParameters(
        "Create global secondary index cannot be specified when updating WarmThroughput");
  }
  if (update.warm && count > 1) return alone("WarmThroughput");
  if (update.on_demand && count > (update.billing ? 2 : 1)) {
    return InvalidParameters(
        "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  }
  if (update.stream_enabled && units) {
    return InvalidParameters("You cannot modify stream status while updating table IOPS");
  }
  if (update.throughput && makes_or_deletes) {
    return InvalidParameters("You cannot create or delete index while updating table IOPS");
  }
  if (update.stream_enabled && makes_or_deletes) {
    return InvalidParameters("You cannot create or delete index while changing stream status");
  }
  return {};
}

// What is wrong whatever the table is, even if there is none.
Outcome<void> CheckAlone(const TableUpdate& update) {
  if (ChangesNothing(update)) {
    return Invalid(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
        "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
        "OnDemandThroughput, WarmThroughput or TableClass is required");
  }
  if (update.has_index_updates && update.created.empty() && update.updated.empty() &&
      update.deleted.empty()) {
    return InvalidParameters("List of GlobalSecondaryIndexUpdates is empty");
  }
  if (update.throughput) {
    KLESS_TRY_VOID(CheckThroughput(*update.throughput));
  }
  if (update.sse) {
    KLESS_TRY_VOID(CheckEncryption(*update.sse));
  }
  if (update.table_class) {
    KLESS_TRY_VOID(CheckTableClass(*update.table_class));
  }
  if (update.stream_enabled && *update.stream_enabled != update.view.has_value()) {
    return InvalidParameters(*update.stream_enabled
                                 ? "If stream is being enabled then UpdateViewType is required"
                                 : "If stream is being disabled, then UpdateViewType must not be "
                                   "specified");
  }
  KLESS_TRY_VOID(CheckTogether(update));
  return CheckIndexNames(update);
}

Outcome<void> CheckStream(const TableState& table, const TableUpdate& update) {
  if (!update.stream_enabled) return {};
  if (*update.stream_enabled) {
    if (table.stream() == nullptr) return {};
    return Invalid("Table already has an enabled stream: TableName: " + table.name);
  }
  if (table.stream() == nullptr) {
    return Invalid("Table has no stream to disable: TableName: " + table.name);
  }
  if (table.is_resource_table()) {
    return InvalidParameters("the stream of table " + table.name +
                             " drives this control plane and cannot be disabled");
  }
  return {};
}

Outcome<void> CheckEncryptionUpdate(const TableState& table, const TableUpdate& update) {
  if (!update.sse || table.next_encryption ||
      EncryptionOf(table.creator, *update.sse) != table.encryption) {
    return {};
  }
  return InvalidParameters(table.encryption.type.empty()
                               ? "Table is already encrypted by default"
                               : "Table is already encrypted with given KMSMasterKeyId. Use "
                                 "KMSMasterKeyId parameter if you want to change Master Key");
}

Outcome<void> CheckWarmUpdate(const TableState& table, const TableUpdate& update) {
  if (!update.warm) return {};
  const Throughput now = table.Warm();
  const char* lower = nullptr;
  if (update.warm->write.value_or(now.write) < now.write) lower = "WriteUnitsPerSecond";
  if (update.warm->read.value_or(now.read) < now.read) lower = "ReadUnitsPerSecond";
  if (lower == nullptr) return {};
  return InvalidParameters(std::string("Requested ") + lower +
                           " for WarmThroughput for table is lower than current WarmThroughput, "
                           "decreasing WarmThroughput is not supported");
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
    return NoChange("the table", "table", table.throughput, *update.throughput);
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

// "Schema:[SchemaElement: key{a:S:HASH}, SchemaElement: key{b:N:RANGE}]"
std::string ShowSchema(const KeySchema& schema) {
  std::string text;
  const auto add = [&text](const std::vector<KeyAttribute>& attributes, const char* part) {
    for (const KeyAttribute& attribute : attributes) {
      text += (text.empty() ? "" : ", ") + ("SchemaElement: key{" + attribute.name) + ":" +
              KeyTypeLetter(attribute.type) + ":" + part + "}";
    }
  };
  add(schema.partition, "HASH");
  add(schema.sort, "RANGE");
  return "Schema:[" + text + "]";
}

// Whether two keys have an attribute in common whose types differ.
bool AreAtOdds(const KeySchema& one, const KeySchema& other) {
  for (const auto* const part : {&one.partition, &one.sort}) {
    for (const KeyAttribute& attribute : *part) {
      for (const auto* const other_part : {&other.partition, &other.sort}) {
        for (const KeyAttribute& same : *other_part) {
          if (same.name == attribute.name && same.type != attribute.type) return true;
        }
      }
    }
  }
  return false;
}

// An attribute has one type in all keys of a table.
Outcome<void> CheckTypes(const TableState& table, const KeySchema& wanted) {
  const KeySchema* at_odds = AreAtOdds(table.layout.keys, wanted) ? &table.layout.keys : nullptr;
  for (const SecondaryIndex& index : table.indexes) {
    if (at_odds == nullptr && AreAtOdds(index.key, wanted)) at_odds = &index.key;
  }
  if (at_odds == nullptr) return {};
  return InvalidParameters(
      "Attributes cannot be redefined. Please check that your attribute has the same type as "
      "previously defined. Existing schema: " +
      ShowSchema(*at_odds) + " New schema: " + ShowSchema(wanted));
}

// The units of a new index are given if the table has some.
Outcome<void> CheckUnitsOfNewIndex(const TableRequest::Index& index, BillingMode billing) {
  KLESS_TRY_VOID(CheckOnDemandUpdate(index.on_demand, billing, index.name));
  const bool provisioned = billing == BillingMode::kProvisioned;
  if (provisioned == index.throughput.has_value()) return {};
  if (provisioned) {
    return InvalidParameters(
        "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: " + index.name);
  }
  return InvalidParameters(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " + index.name +
      " when BillingMode is PAY_PER_REQUEST");
}

Outcome<void> CheckNewIndex(const TableState& table, const TableUpdate& update,
                            const TableRequest::Index& index) {
  if (update.attributes.empty()) {
    return InvalidParameters("AttributeDefinitions is not specified for index: " + index.name);
  }
  if (table.FindIndex(index.name) != nullptr) {
    return Invalid("Attempting to create an index which already exists");
  }
  KLESS_TRY_VOID(CheckIndex(index, update.attributes, {}));
  KLESS_TRY_VOID(CheckTypes(table, KeysOf(index.key, update.attributes)));
  KLESS_TRY_VOID(CheckUnitsOfNewIndex(index, update.billing.value_or(table.billing)));
  const auto globals = std::count_if(table.indexes.begin(), table.indexes.end(),
                                     [](const auto& one) { return one.is_global(); });
  if (static_cast<std::size_t>(globals) >= kGlobalIndexesMax) {
    return Fail(FailureKind::kLimitExceeded,
                "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table "
                "limit of 20");
  }
  const std::size_t projected = index.projected ? index.projected->size() : 0;
  return CheckProjected(CountProjected(table.indexes) + projected);
}

// `action`: "update", "delete".
Outcome<const SecondaryIndex*> FindGlobalIndex(const TableState& table, const std::string& name,
                                               const char* action) {
  const SecondaryIndex* const index = table.FindIndex(name);
  if (index == nullptr) {
    return Fail(FailureKind::kResourceNotFound,
                "Requested resource not found: Index " + name + " for table " + table.name);
  }
  if (index->is_global()) return index;
  return Invalid(std::string("Cannot ") + action +
                 " an index that is not a GlobalSecondaryIndex: " + name);
}

Outcome<void> CheckChangedIndex(const TableState& table, const TableUpdate& update,
                                const TableUpdate::IndexUpdate& wanted) {
  const auto too_much = wanted.throughput ? CheckThroughput(*wanted.throughput) : Outcome<void>();
  const auto found = FindGlobalIndex(table, wanted.name, "update");
  if (found.has_error() && too_much.has_error()) {
    return Invalid(
        "This operation cannot be performed with given input values. Please contact DynamoDB "
        "service team for more info: Action Blocked: IndexUpdate");
  }
  KLESS_TRY_VOID(too_much);
  KLESS_TRY(const SecondaryIndex* const index, found);
  const BillingMode billing = update.billing.value_or(table.billing);
  if (billing == BillingMode::kPayPerRequest && (wanted.throughput || !wanted.on_demand)) {
    return InvalidParameters("The only Updates for index: " + wanted.name +
                             " when TableThroughputMode is PAY_PER_REQUEST can be to "
                             "OnDemandThroughput, WarmThroughput");
  }
  if (wanted.on_demand) {
    KLESS_TRY_VOID(CheckOnDemandUpdate(*wanted.on_demand, billing, wanted.name));
  }
  if (table.billing == BillingMode::kProvisioned && wanted.throughput == index->throughput) {
    return NoChange("the index " + index->name, "index", index->throughput, *wanted.throughput);
  }
  return {};
}

void Merge(const UnitsRequest& wanted, OnDemandThroughput* limits) {
  limits->read = wanted.read.value_or(limits->read);
  limits->write = wanted.write.value_or(limits->write);
}

}  // namespace

bool TableUpdate::ChangesStatus() const {
  return billing || throughput || stream_enabled || table_class || !created.empty() ||
         !updated.empty() || !deleted.empty();
}

Outcome<void> Catalog::CheckIndexUpdates(const TableState& table, const TableUpdate& update) const {
  if (update.created.size() + update.deleted.size() > 1) return OneIndexAtATime();
  if (update.created.size() + update.deleted.size() == 1) {
    for (const SecondaryIndex& index : table.indexes) {
      if (StatusOf(index) != TableStatus::kActive) return OneIndexAtATime();
    }
  }
  for (const std::string& name : update.deleted) {
    KLESS_TRY_VOID(FindGlobalIndex(table, name, "delete"));
  }
  for (const auto& wanted : update.updated) {
    KLESS_TRY_VOID(CheckChangedIndex(table, update, wanted));
  }
  for (const TableRequest::Index& index : update.created) {
    KLESS_TRY_VOID(CheckNewIndex(table, update, index));
  }
  return {};
}

Outcome<void> Catalog::CheckUpdate(const TableState& table, const TableUpdate& update) const {
  KLESS_TRY_VOID(CheckIndexUpdates(table, update));
  KLESS_TRY_VOID(CheckThroughputUpdate(table, update));
  if (update.on_demand) {
    KLESS_TRY_VOID(
        CheckOnDemandUpdate(*update.on_demand, update.billing.value_or(table.billing), ""));
  }
  KLESS_TRY_VOID(CheckWarmUpdate(table, update));
  KLESS_TRY_VOID(CheckEncryptionUpdate(table, update));
  return CheckStream(table, update);
}

Catalog::StateResult Catalog::FindChangeable(const Scope& scope, std::string_view name_or_arn) {
  KLESS_TRY(TableState* const table, FindState(scope, name_or_arn));
  const TableStatus status = StatusOf(*table);
  if (status == TableStatus::kActive) return table;
  return StillInUse(status, table->name);
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
    if (wanted.on_demand) Merge(*wanted.on_demand, &index.on_demand);
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
  if (table.billing == BillingMode::kProvisioned) {
    // A provisioned table has no limits of an on-demand one.
    table.on_demand = {};
    for (SecondaryIndex& index : table.indexes) index.on_demand = {};
    return true;
  }
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
  // What it was provisioned with keeps it warm.
  if (update.throughput || update.billing) table.warm = table.Warm();
  const bool switched = ApplyBilling(table, update);
  if (update.throughput) {
    ChangeThroughput(*update.throughput, switched, &table.throughput, &table.changes);
    table.changes.NoteRequest(Now());
  }
  if (update.on_demand) Merge(*update.on_demand, &table.on_demand);
  if (update.warm) {
    const Throughput now = table.Warm();
    table.warm = {update.warm->read.value_or(now.read), update.warm->write.value_or(now.write)};
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
