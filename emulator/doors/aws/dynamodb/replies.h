// Parts of replies that several operations share: consumed capacity, item collection metrics.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {

// Add the member ConsumedCapacity if it was asked for: of the table that the request names, of
// another, or an array with an element per table.  `table` is the name or ARN of the request;
// `by_kind`: transactions tell read and write units, too.
void AddConsumedCapacity(const Input& input, const dynamodb::ConsumedCapacity& consumed,
                         JsonObjectText& reply);
void AddConsumedCapacity(const Input& input, std::string_view table,
                         const dynamodb::ConsumedCapacity& consumed, JsonObjectText& reply);
void AddConsumedCapacity(const Input& input,
                         const std::map<std::string, dynamodb::ConsumedCapacity>& by_table,
                         bool by_kind, JsonObjectText& reply);
// ReturnItemCollectionMetrics SIZE.
bool WantsCollectionMetrics(const Input& input);
// The metrics of the item collection with this key; "" for a table without local indexes, which has
// none.
std::string CollectionMetricsJson(const dynamodb::TableState& table, const Key& key);

// The member ItemCollectionMetrics of a request with several writes: arrays by table, with one
// element for each item collection.
class CollectionMetrics {
 public:
  void Add(const std::string& table_name, const dynamodb::TableState& table, const Key& key);
  // Nothing is added without an item collection.
  void AddTo(JsonObjectText& reply) const;

 private:
  std::set<std::pair<std::string, std::string>> collections_;  // table name, partition
  JsonArraysText arrays_;
};

}  // namespace kless::doors::aws
