#include "emulator/doors/aws/dynamodb/replies.h"

#include <algorithm>

#include "emulator/dynamodb/model/key_schema.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {
namespace {

void AddUnits(const dynamodb::Units& units, bool by_kind, JsonObjectText& object) {
  if (by_kind && units.read > 0) object.Double("ReadCapacityUnits", units.read);
  if (by_kind && units.write > 0) object.Double("WriteCapacityUnits", units.write);
  object.Double("CapacityUnits", units.total());
}

std::string UnitsJson(const dynamodb::Units& units, bool by_kind) {
  JsonObjectText object;
  AddUnits(units, by_kind, object);
  return object.Finish();
}

std::string IndexUnitsJson(const std::map<std::string, dynamodb::Units>& indexes, bool by_kind) {
  JsonObjectText object;
  for (const auto& [name, units] : indexes) object.Raw(name, UnitsJson(units, by_kind));
  return object.Finish();
}

enum class CapacityReport { kNone, kTotal, kIndexes };

CapacityReport CapacityReportOf(const Input& input) {
  const auto text = input.Text("ReturnConsumedCapacity");
  if (text == "TOTAL") return CapacityReport::kTotal;
  if (text == "INDEXES") return CapacityReport::kIndexes;
  return CapacityReport::kNone;
}

std::string ConsumedCapacityJson(std::string_view table, const dynamodb::ConsumedCapacity& consumed,
                                 CapacityReport report, bool by_kind) {
  JsonObjectText object;
  object.String("TableName", table);
  AddUnits(consumed.Total(), by_kind, object);
  if (report == CapacityReport::kIndexes) {
    object.Raw("Table", UnitsJson(consumed.table, by_kind));
    if (!consumed.local.empty()) {
      object.Raw("LocalSecondaryIndexes", IndexUnitsJson(consumed.local, by_kind));
    }
    if (!consumed.global.empty()) {
      object.Raw("GlobalSecondaryIndexes", IndexUnitsJson(consumed.global, by_kind));
    }
  }
  return object.Finish();
}

}  // namespace

void AddConsumedCapacity(const Input& input, const dynamodb::ConsumedCapacity& consumed,
                         JsonObjectText& reply) {
  AddConsumedCapacity(input, input.TextOr("TableName"), consumed, reply);
}

void AddConsumedCapacity(const Input& input, std::string_view table,
                         const dynamodb::ConsumedCapacity& consumed, JsonObjectText& reply) {
  const CapacityReport report = CapacityReportOf(input);
  if (report == CapacityReport::kNone) return;
  reply.Raw("ConsumedCapacity", ConsumedCapacityJson(table, consumed, report, /*by_kind=*/false));
}

void AddConsumedCapacity(const Input& input,
                         const std::map<std::string, dynamodb::ConsumedCapacity>& by_table,
                         bool by_kind, JsonObjectText& reply) {
  const CapacityReport report = CapacityReportOf(input);
  if (report == CapacityReport::kNone) return;
  std::string array = "[";
  for (const auto& [table, consumed] : by_table) {
    AppendElement(array, ConsumedCapacityJson(table, consumed, report, by_kind));
  }
  reply.Raw("ConsumedCapacity", array + "]");
}

bool WantsCollectionMetrics(const Input& input) {
  return input.Text("ReturnItemCollectionMetrics") == "SIZE";
}

std::string CollectionMetricsJson(const dynamodb::TableState& table, const Key& key) {
  const bool has_local = std::any_of(table.indexes.begin(), table.indexes.end(),
                                     [](const auto& index) { return !index.is_global(); });
  if (!has_local) return "";
  // The estimate is a range of whole gigabytes.
  const std::uint64_t gigabytes =
      dynamodb::Writer::CollectionBytes(table, key.partition) / (1u << 30);
  AttributeMap partition = KeyValues(table.layout.keys, key);
  for (const KeyAttribute& attribute : table.layout.keys.sort) partition.erase(attribute.name);
  return JsonObjectText()
      .Raw("ItemCollectionKey", ToJson(partition))
      .Raw("SizeEstimateRangeGB",
           "[" + std::to_string(gigabytes) + ".0," + std::to_string(gigabytes + 1) + ".0]")
      .Finish();
}

void CollectionMetrics::Add(const std::string& table_name, const dynamodb::TableState& table,
                            const Key& key) {
  if (!collections_.emplace(table_name, key.partition).second) return;
  const std::string one = CollectionMetricsJson(table, key);
  if (!one.empty()) arrays_.Add(table_name, one);
}

void CollectionMetrics::AddTo(JsonObjectText& reply) const {
  if (!arrays_.empty()) reply.Raw("ItemCollectionMetrics", arrays_.Text());
}

}  // namespace kless::doors::aws
