#include "emulator/doors/aws/dynamodb/table_description.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using dynamodb::BillingMode;
using dynamodb::SecondaryIndex;
using dynamodb::TableState;
using dynamodb::TableStatus;
using dynamodb::WarmOf;

// Sizes are estimates, as AWS's are, which it updates every six hours: exact for so many items, and
// beyond that the mean of these times the number of items.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
constexpr std::uint64_t kMeasuredItems = 200;
// Entries of an index are counted up to here; a larger index is taken to have every item.
constexpr std::uint64_t kCountedEntries = 1000;

struct Size {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
};

std::uint64_t Extrapolated(std::uint64_t bytes, std::uint64_t measured, std::uint64_t items) {
  return measured == 0 || items <= measured ? bytes : bytes / measured * items;
}

Size SizeOf(const TableState& table) {
  Size size;
  size.items = table.table->CountItems();
  std::uint64_t measured = 0;
  table.table->VisitAll(std::nullopt, [&](const StoredKey& found) {
    size.bytes += SizeOfStored(table.layout, *table.table->Image(found.key, found.version));
    return ++measured < kMeasuredItems;
  });
  size.bytes = Extrapolated(size.bytes, measured, size.items);
  return size;
}

Size SizeOf(const TableState& table, const SecondaryIndex& index) {
  Size size;
  std::uint64_t measured = 0;
  table.table->VisitWholeIndex(index.entries, std::nullopt, [&](const IndexEntry& entry) {
    if (measured < kMeasuredItems) {
      ItemPtr item = table.table->Image(entry.item, entry.version);
      size.bytes += SizeOfStored(table.layout, *dynamodb::Projected(table, index, std::move(item)));
      ++measured;
    }
    return ++size.items <= kCountedEntries;
  });
  if (size.items > kCountedEntries) {
    size.items = std::max(size.items, table.table->CountItems());
  }
  size.bytes = Extrapolated(size.bytes, measured, size.items);
  return size;
}

std::string KeySchemaJson(const KeySchema& schema) {
  std::string list = "[";
  const auto add = [&list](const std::vector<KeyAttribute>& attributes, const char* type) {
    for (const KeyAttribute& attribute : attributes) {
      AppendElement(list, JsonObjectText()
                              .String("AttributeName", attribute.name)
                              .String("KeyType", type)
                              .Finish());
    }
  };
  add(schema.partition, "HASH");
  add(schema.sort, "RANGE");
  return list + "]";
}

std::string AttributesJson(const TableState& table) {
  std::string list = "[";
  for (const KeyAttribute& attribute : table.Attributes()) {
    AppendElement(list, JsonObjectText()
                            .String("AttributeName", attribute.name)
                            .String("AttributeType", std::string(1, KeyTypeLetter(attribute.type)))
                            .Finish());
  }
  return list + "]";
}

std::string ThroughputJson(DynamoDbContext& context, const dynamodb::Throughput& units,
                           const dynamodb::ThroughputChanges& changes) {
  JsonObjectText object;
  if (changes.last_increase_nanos != 0) {
    object.Time("LastIncreaseDateTime", changes.last_increase_nanos);
  }
  if (changes.last_decrease_nanos != 0) {
    object.Time("LastDecreaseDateTime", changes.last_decrease_nanos);
  }
  const std::int64_t now = context.service.catalog().event_loop().UnixNanos();
  return object.Integer("NumberOfDecreasesToday", changes.DecreasesOn(now))
      .Integer("ReadCapacityUnits", units.read)
      .Integer("WriteCapacityUnits", units.write)
      .Finish();
}

void AddOnDemand(const dynamodb::OnDemandThroughput& limits, JsonObjectText& object) {
  if (limits.read < 0 && limits.write < 0) return;
  JsonObjectText given;
  if (limits.read >= 0) given.Integer("MaxReadRequestUnits", limits.read);
  if (limits.write >= 0) given.Integer("MaxWriteRequestUnits", limits.write);
  object.Raw("OnDemandThroughput", given.Finish());
}

// `updating`: what was asked for is being set up.
void AddWarm(const dynamodb::Throughput& warm, bool updating, JsonObjectText& object) {
  object.Raw("WarmThroughput", JsonObjectText()
                                   .Integer("ReadUnitsPerSecond", warm.read)
                                   .Integer("WriteUnitsPerSecond", warm.write)
                                   .String("Status", updating ? "UPDATING" : "ACTIVE")
                                   .Finish());
}

std::string ProjectionJson(const SecondaryIndex& index) {
  JsonObjectText object;
  object.String("ProjectionType", dynamodb::ProjectionTypeName(index.projection));
  if (!index.projected.empty()) {
    std::string list = "[";
    for (const std::string& name : index.projected) {
      std::string quoted;
      AppendJsonString(quoted, name);
      AppendElement(list, quoted);
    }
    object.Raw("NonKeyAttributes", list + "]");
  }
  return object.Finish();
}

std::string IndexJson(DynamoDbContext& context, const TableState& table,
                      const SecondaryIndex& index, std::optional<TableStatus> status) {
  JsonObjectText object;
  object.String("IndexName", index.name)
      .Raw("KeySchema", KeySchemaJson(index.key))
      .Raw("Projection", ProjectionJson(index));
  if (index.is_global()) {
    const TableStatus own = context.service.catalog().StatusOf(index);
    // In the reply to CreateTable.
    const bool created = status == TableStatus::kCreating;
    object.String("IndexStatus", TableStatusName(created ? TableStatus::kCreating : own));
    if (own == TableStatus::kCreating && !created) object.Flag("Backfilling", !index.backfilled);
    object.Raw("ProvisionedThroughput", ThroughputJson(context, index.throughput, index.changes));
    AddOnDemand(index.on_demand, object);
    if (!created) AddWarm(WarmOf(table.billing, index.throughput), /*updating=*/false, object);
  }
  const Size size = SizeOf(table, index);
  return object.Integer("IndexSizeBytes", static_cast<std::int64_t>(size.bytes))
      .Integer("ItemCount", static_cast<std::int64_t>(size.items))
      .String("IndexArn", table.IndexArn(index))
      .Finish();
}

void AddIndexes(DynamoDbContext& context, const TableState& table,
                std::optional<TableStatus> status, JsonObjectText& object) {
  std::string local = "[";
  std::string global = "[";
  for (const SecondaryIndex& index : table.indexes) {
    AppendElement(index.is_global() ? global : local, IndexJson(context, table, index, status));
  }
  if (local.size() > 1) object.Raw("LocalSecondaryIndexes", local + "]");
  if (global.size() > 1) object.Raw("GlobalSecondaryIndexes", global + "]");
}

void AddStream(const TableState& table, JsonObjectText& object) {
  if (table.streams.empty()) return;
  const dynamodb::StreamState* const enabled = table.stream();
  if (enabled != nullptr) {
    object.Raw("StreamSpecification", JsonObjectText()
                                          .Flag("StreamEnabled", true)
                                          .String("StreamViewType", ViewTypeName(enabled->view))
                                          .Finish());
  }
  const dynamodb::StreamState& latest = table.streams.back();
  object.String("LatestStreamLabel", latest.label)
      .String("LatestStreamArn", table.StreamArn(latest));
}

void AddBilling(const TableState& table, bool settled, JsonObjectText& object) {
  if (!table.billing_was_given) return;
  // AWS repeats it as TableThroughputModeSummary, which no model of the API has.
  JsonObjectText billing;
  billing.String("BillingMode", BillingModeName(table.billing));
  if (settled && table.on_demand_nanos != 0) {
    billing.Time("LastUpdateToPayPerRequestDateTime", table.on_demand_nanos);
  }
  object.Raw("BillingModeSummary", billing.Finish());
}

void AddOptions(const TableState& table, JsonObjectText& object) {
  const dynamodb::Encryption& encryption = table.encryption;
  if (!encryption.type.empty() || table.next_encryption) {
    JsonObjectText description;
    description.String("Status", table.next_encryption ? "UPDATING" : "ENABLED");
    if (!encryption.type.empty()) {
      description.String("SSEType", encryption.type).String("KMSMasterKeyArn", encryption.key_arn);
    }
    object.Raw("SSEDescription", description.Finish());
  }
  if (!table.table_class.empty()) {
    JsonObjectText summary;
    summary.String("TableClass", table.table_class);
    if (table.table_class_nanos != 0) summary.Time("LastUpdateDateTime", table.table_class_nanos);
    object.Raw("TableClassSummary", summary.Finish());
  }
  object.Flag("DeletionProtectionEnabled", table.deletion_protection);
}

}  // namespace

std::string TableDescriptionJson(DynamoDbContext& context, const TableState& table,
                                 std::optional<TableStatus> status) {
  const TableStatus shown = status.value_or(context.service.catalog().StatusOf(table));
  if (shown == TableStatus::kDeleting) return DeletedTableJson(context, table);
  const bool created = shown == TableStatus::kCreating;
  const Size size = SizeOf(table);
  JsonObjectText object;
  object.Raw("AttributeDefinitions", AttributesJson(table))
      .String("TableName", table.name)
      .Raw("KeySchema", KeySchemaJson(table.layout.keys))
      .String("TableStatus", TableStatusName(shown))
      .Time("CreationDateTime", table.created_nanos)
      .Raw("ProvisionedThroughput", ThroughputJson(context, table.throughput, table.changes))
      .Integer("TableSizeBytes", static_cast<std::int64_t>(size.bytes))
      .Integer("ItemCount", static_cast<std::int64_t>(size.items))
      .String("TableArn", table.arn)
      .String("TableId", table.id);
  AddBilling(table, !created, object);
  AddIndexes(context, table, status, object);
  AddStream(table, object);
  AddOnDemand(table.on_demand, object);
  // The reply to CreateTable has only what the request asked for.
  if (!created || table.warm) {
    AddWarm(table.Warm(), created || table.is_warming, object);
  }
  AddOptions(table, object);
  return object.Finish();
}

std::string DeletedTableJson(DynamoDbContext& context, const TableState& table) {
  JsonObjectText object;
  object.String("TableName", table.name)
      .String("TableStatus", TableStatusName(TableStatus::kDeleting))
      .Raw("ProvisionedThroughput", ThroughputJson(context, table.throughput, table.changes))
      .Integer("TableSizeBytes", 0)
      .Integer("ItemCount", 0)
      .String("TableArn", table.arn)
      .String("TableId", table.id);
  AddBilling(table, true, object);
  AddStream(table, object);
  AddOptions(table, object);
  return object.Finish();
}

}  // namespace kless::doors::aws
