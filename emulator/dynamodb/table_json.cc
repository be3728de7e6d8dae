#include "emulator/dynamodb/table_json.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::dynamodb {
namespace {

using nlohmann::json;

json KeysToJson(const std::vector<KeyAttribute>& attributes) {
  json list = json::array();
  for (const KeyAttribute& attribute : attributes) {
    list.push_back(
        {{"name", attribute.name}, {"type", std::string(1, KeyTypeLetter(attribute.type))}});
  }
  return list;
}

std::vector<KeyAttribute> KeysFromJson(const json& list) {
  std::vector<KeyAttribute> attributes;
  for (const json& one : list) {
    attributes.push_back({one.at("name").get<std::string>(),
                          KeyTypeFromLetter(one.at("type").get<std::string>()).value()});
  }
  return attributes;
}

json SchemaToJson(const KeySchema& schema) {
  return {{"partition", KeysToJson(schema.partition)}, {"sort", KeysToJson(schema.sort)}};
}

KeySchema SchemaFromJson(const json& source) {
  return {KeysFromJson(source.at("partition")), KeysFromJson(source.at("sort"))};
}

json UnitsToJson(std::int64_t read, std::int64_t write) { return {read, write}; }

Throughput ThroughputFromJson(const json& source) {
  return {source.at(0).get<std::int64_t>(), source.at(1).get<std::int64_t>()};
}

OnDemandThroughput OnDemandFromJson(const json& source) {
  return {source.at(0).get<std::int64_t>(), source.at(1).get<std::int64_t>()};
}

json ChangesToJson(const ThroughputChanges& changes) {
  json list = {changes.decreases_today, changes.last_increase_nanos, changes.last_decrease_nanos};
  if (const auto& pending = changes.pending) {
    list.push_back({{"units", UnitsToJson(pending->units.read, pending->units.write)},
                    {"increases", pending->increases},
                    {"decreases", pending->decreases},
                    {"complete", pending->complete_nanos}});
  }
  return list;
}

ThroughputChanges ChangesFromJson(const json& source) {
  ThroughputChanges changes;
  changes.decreases_today = source.at(0).get<std::int64_t>();
  changes.last_increase_nanos = source.at(1).get<std::int64_t>();
  changes.last_decrease_nanos = source.at(2).get<std::int64_t>();
  if (source.size() > 3) {
    const json& pending = source.at(3);
    changes.pending = ThroughputChange{
        ThroughputFromJson(pending.at("units")), pending.at("increases").get<bool>(),
        pending.at("decreases").get<bool>(), pending.at("complete").get<std::int64_t>()};
  }
  return changes;
}

json EncryptionToJson(const Encryption& encryption) {
  return {encryption.type, encryption.key_arn};
}

Encryption EncryptionFromJson(const json& source) {
  return {source.at(0).get<std::string>(), source.at(1).get<std::string>()};
}

// What the descriptions of earlier versions lack has the value of a table that never had it.
void ReadChanging(const json& source, TableState* table) {
  table->becomes_on_demand = source.value("becomes_on_demand", false);
  table->is_warming = source.value("warming", false);
  if (source.contains("encryption")) {
    table->encryption = EncryptionFromJson(source.at("encryption"));
  } else {
    table->encryption = {source.value("sse", ""), source.value("kms_key", "")};
  }
  if (source.contains("next_encryption") && !source.at("next_encryption").is_null()) {
    table->next_encryption = EncryptionFromJson(source.at("next_encryption"));
  }
  table->encrypted_nanos = source.value("encrypted", std::int64_t{0});
  table->recovery_days = source.value("recovery_days", std::int64_t{0});
  table->recovery_nanos = source.value("recovery_since", std::int64_t{0});
}

json IndexToJson(const SecondaryIndex& index) {
  return {{"name", index.name},
          {"global", index.is_global()},
          {"key", SchemaToJson(index.key)},
          {"projection", ProjectionTypeName(index.projection)},
          {"projected", index.projected},
          {"throughput", UnitsToJson(index.throughput.read, index.throughput.write)},
          {"changes", ChangesToJson(index.changes)},
          {"on_demand", UnitsToJson(index.on_demand.read, index.on_demand.write)},
          {"entries", index.entries},
          {"active", index.active_nanos},
          {"backfilled", index.backfilled},
          {"deleted", index.deleted_nanos}};
}

SecondaryIndex IndexFromJson(const json& source) {
  SecondaryIndex index;
  index.name = source.at("name").get<std::string>();
  index.kind = source.at("global").get<bool>() ? IndexKind::kGlobal : IndexKind::kLocal;
  index.key = SchemaFromJson(source.at("key"));
  index.projection = ProjectionTypeFromName(source.at("projection").get<std::string>()).value();
  index.projected = source.at("projected").get<std::vector<std::string>>();
  index.throughput = ThroughputFromJson(source.at("throughput"));
  index.changes = ChangesFromJson(source.at("changes"));
  index.on_demand = OnDemandFromJson(source.at("on_demand"));
  index.entries = source.at("entries").get<int>();
  index.active_nanos = source.at("active").get<std::int64_t>();
  index.backfilled = source.at("backfilled").get<bool>();
  index.deleted_nanos = source.at("deleted").get<std::int64_t>();
  return index;
}

json StreamToJson(const StreamState& stream) {
  return {{"label", stream.label},
          {"view", ViewTypeName(stream.view)},
          {"created", stream.created_nanos},
          {"after", stream.after},
          {"until", stream.until ? json(*stream.until) : json(nullptr)},
          {"disabled", stream.disabled_nanos}};
}

StreamState StreamFromJson(const json& source) {
  StreamState stream;
  stream.label = source.at("label").get<std::string>();
  stream.view = ViewTypeFromName(source.at("view").get<std::string>()).value();
  stream.created_nanos = source.at("created").get<std::int64_t>();
  stream.after = source.at("after").get<std::uint64_t>();
  if (!source.at("until").is_null()) stream.until = source.at("until").get<std::uint64_t>();
  stream.disabled_nanos = source.at("disabled").get<std::int64_t>();
  return stream;
}

TableState FromJson(const json& source) {
  TableState table;
  table.name = source.at("name").get<std::string>();
  table.creator = {source.at("account").get<std::string>(), source.at("region").get<std::string>()};
  table.id = source.at("id").get<std::string>();
  table.arn = source.at("arn").get<std::string>();
  table.created_nanos = source.at("created").get<std::int64_t>();
  table.active_nanos = source.at("active").get<std::int64_t>();
  table.updated_nanos = source.at("updated").get<std::int64_t>();
  table.deleted_nanos = source.at("deleted").get<std::int64_t>();
  table.layout.keys = SchemaFromJson(source.at("key"));
  table.layout.document_attribute = source.at("document").get<std::string>();
  table.billing =
      source.at("on_demand").get<bool>() ? BillingMode::kPayPerRequest : BillingMode::kProvisioned;
  table.on_demand_nanos = source.at("on_demand_since").get<std::int64_t>();
  table.billing_was_given = source.at("billing_given").get<bool>();
  table.throughput = ThroughputFromJson(source.at("throughput"));
  table.changes = ChangesFromJson(source.at("changes"));
  table.on_demand = OnDemandFromJson(source.at("on_demand_limits"));
  if (!source.at("warm").is_null()) table.warm = ThroughputFromJson(source.at("warm"));
  for (const json& index : source.at("indexes")) table.indexes.push_back(IndexFromJson(index));
  for (const json& stream : source.at("streams")) table.streams.push_back(StreamFromJson(stream));
  table.tags = source.at("tags").get<std::map<std::string, std::string>>();
  table.ttl.attribute = source.at("ttl").get<std::string>();
  table.ttl.changed_nanos = source.at("ttl_changed").get<std::int64_t>();
  table.ttl.entries = source.at("ttl_entries").get<int>();
  table.ttl.filled = source.at("ttl_filled").get<bool>();
  table.deletion_protection = source.at("deletion_protection").get<bool>();
  table.table_class = source.at("class").get<std::string>();
  table.table_class_nanos = source.at("class_changed").get<std::int64_t>();
  table.policy = source.at("policy").get<std::string>();
  table.policy_revision = source.at("policy_revision").get<std::string>();
  table.stream_policy = source.at("stream_policy").get<std::string>();
  table.stream_policy_revision = source.at("stream_policy_revision").get<std::string>();
  ReadChanging(source, &table);
  return table;
}

}  // namespace

std::string TableToText(const TableState& table) {
  json indexes = json::array();
  for (const SecondaryIndex& index : table.indexes) indexes.push_back(IndexToJson(index));
  json streams = json::array();
  for (const StreamState& stream : table.streams) streams.push_back(StreamToJson(stream));
  return DumpJson(
      {{"name", table.name},
       {"account", table.creator.account},
       {"region", table.creator.region},
       {"id", table.id},
       {"arn", table.arn},
       {"created", table.created_nanos},
       {"active", table.active_nanos},
       {"updated", table.updated_nanos},
       {"deleted", table.deleted_nanos},
       {"key", SchemaToJson(table.layout.keys)},
       {"document", table.layout.document_attribute},
       {"on_demand", table.billing == BillingMode::kPayPerRequest},
       {"on_demand_since", table.on_demand_nanos},
       {"becomes_on_demand", table.becomes_on_demand},
       {"billing_given", table.billing_was_given},
       {"throughput", UnitsToJson(table.throughput.read, table.throughput.write)},
       {"changes", ChangesToJson(table.changes)},
       {"on_demand_limits", UnitsToJson(table.on_demand.read, table.on_demand.write)},
       {"warm", table.warm ? UnitsToJson(table.warm->read, table.warm->write) : json(nullptr)},
       {"warming", table.is_warming},
       {"indexes", std::move(indexes)},
       {"streams", std::move(streams)},
       {"tags", table.tags},
       {"ttl", table.ttl.attribute},
       {"ttl_changed", table.ttl.changed_nanos},
       {"ttl_entries", table.ttl.entries},
       {"ttl_filled", table.ttl.filled},
       {"recovery_days", table.recovery_days},
       {"recovery_since", table.recovery_nanos},
       {"deletion_protection", table.deletion_protection},
       {"class", table.table_class},
       {"class_changed", table.table_class_nanos},
       {"policy", table.policy},
       {"policy_revision", table.policy_revision},
       {"stream_policy", table.stream_policy},
       {"stream_policy_revision", table.stream_policy_revision},
       {"encryption", EncryptionToJson(table.encryption)},
       {"next_encryption",
        table.next_encryption ? EncryptionToJson(*table.next_encryption) : json(nullptr)},
       {"encrypted", table.encrypted_nanos}});
}

Result<TableState> TableFromText(std::string_view text) {
  KLESS_TRY(const auto source, ParseJson(text));
  try {
    return FromJson(source);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("the description of a table is damaged: ") + error.what());
  }
}

}  // namespace kless::dynamodb
