// Writer: the one write path of every API that changes an item.
//
// It checks sizes and index keys, admits or throttles, evaluates the condition on the current item,
// writes item, record and index entries in one transaction, and says what was consumed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/failure.h"
#include "store/item/item.h"

namespace kless::dynamodb {

// How long a ClientRequestToken is remembered:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
constexpr Duration kTokenLife = std::chrono::minutes(10);

struct WriteRequest {
  enum class Kind { kPut, kUpdate, kDelete, kCheck };
  Kind kind = Kind::kPut;
  const TableState* table = nullptr;
  // kPut: the whole new item.  Otherwise only the key is used.
  Item item;
  // Whether the write may happen; gets the current item, or null.  Null: it always may.
  std::function<Outcome<bool>(const ItemPtr& current)> condition;
  // kUpdate: returns the item after the update, with the same key, or null to write nothing (an
  // update of a missing item that only removes attributes).
  std::function<Outcome<std::shared_ptr<Item>>(const ItemPtr& current)> update;
  // The reason why an action of a transaction cannot be carried out, if the caller knows one.  The
  // transaction is then cancelled with "ValidationError" for this action.
  std::optional<Failure> refused;
};

struct WriteOutcome {
  ItemPtr old_item;  // null: there was none
  ItemPtr new_item;  // null: there is none now
  bool changed = false;
  ConsumedCapacity consumed;
};

struct TransactionOutcome {
  std::vector<WriteOutcome> writes;  // one per action; empty if it was carried out before
  std::map<std::string, ConsumedCapacity> consumed;  // by table name
  bool repeated = false;                             // the token was known: nothing was done
};

class Writer {
 public:
  // `transaction_time`: how long a transaction keeps its items from others, in emulated time.
  Writer(Catalog& catalog, Capacity& capacity, Duration transaction_time);

  // kConditionalCheckFailed has the current item.  kValidation: item too large, an index key of the
  // wrong type.  kThroughputExceeded, kTransactionConflict.
  Outcome<WriteOutcome> Write(WriteRequest request);
  // Carries out all actions or none; they are on different items (kValidation).  On failure
  // kTransactionCanceled with a reason for each action; kIdempotentParameterMismatch: the token
  // was used for a request with another fingerprint.  `token` may be empty.  `scope` is that of the
  // token.
  Outcome<TransactionOutcome> Transact(std::vector<WriteRequest> actions, const Scope& scope,
                                       const std::string& token, std::uint64_t fingerprint);
  // The bytes of all items with this partition key, as ItemCollectionMetrics estimates them: in the
  // table and in its local indexes.  Reads the whole partition.
  static std::uint64_t CollectionBytes(const TableState& table, const std::string& partition);
  // Whether a transaction holds this item: TransactGetItems is then cancelled, too.
  bool InTransaction(const TableState& table, const Key& key) const;
  // Deletes an item because it has expired, if it is still at this version; its record says so.
  // Returns whether it was deleted.
  bool Expire(const TableState& table, const Key& key, std::uint64_t version);

 private:
  // What a request does to its item, decided but not written.
  struct Decision {
    ItemPtr before;
    std::shared_ptr<Item> after;  // null: the item is removed, or stays as it is
    bool writes = false;
    ConsumedCapacity cost;
  };
  Outcome<Decision> Decide(WriteRequest& request, bool transaction);
  // The failure of a write whose index or table has no capacity left.
  Outcome<void> Admit(const WriteRequest& request, const Decision& decision);
  WriteOutcome OutcomeOf(const WriteRequest& request, Decision decision, const WriteResult& result);
  bool Held(int table_id, const Key& key) const;
  void Hold(const std::vector<WriteRequest>& actions);
  TransactionOutcome Repeated(const std::vector<WriteRequest>& actions);
  void SaveToken(const std::string& name, std::uint64_t fingerprint);

  Catalog& catalog_;
  Capacity& capacity_;
  const Duration transaction_time_;
  // Items of recent transactions, and until when they are held (Unix time).
  mutable std::map<std::pair<int, Key>, std::int64_t> held_;
  PaddedParser parser_;
  // The known tokens in order of time: stored name and Unix time.
  std::deque<std::pair<std::string, std::int64_t>> tokens_;
};

}  // namespace kless::dynamodb
