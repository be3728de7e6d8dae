// Catalog: the tables as DynamoDB describes them, and every operation that changes a description.
//
// A description is saved in the turn's transaction, so it survives a restart, a snapshot and
// kill -9 together with the items.  Tables that others create in the store (the resource table, the
// admin door) are adopted with defaults when they are first looked up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/dynamodb/failure.h"
#include "emulator/dynamodb/service_options.h"
#include "emulator/dynamodb/table_state.h"
#include "store/store.h"

namespace kless::dynamodb {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kGlobalIndexesMax = 20;
constexpr std::size_t kLocalIndexesMax = 5;
constexpr std::size_t kProjectedAttributesMax = 100;  // INCLUDE, all indexes of a table together
constexpr std::size_t kTagsMax = 50;
constexpr std::int64_t kTableUnitsMax = 40'000;    // read or write, of a table or an index
constexpr std::int64_t kAccountUnitsMax = 80'000;  // read or write, of all tables of a region

// Units that a request asks for, either or both.
struct UnitsRequest {
  std::optional<std::int64_t> read;
  std::optional<std::int64_t> write;
};

// CreateTable.  Shapes and constraints of single members were checked; the rules between members
// are the catalog's.
struct TableRequest {
  std::string name;
  std::vector<KeyAttribute> attributes;  // AttributeDefinitions, in order
  struct KeyElement {
    std::string name;
    bool is_partition = true;
  };
  std::vector<KeyElement> key;
  struct Index {
    std::string name;
    IndexKind kind = IndexKind::kGlobal;
    std::vector<KeyElement> key;
    std::optional<ProjectionType> projection;
    std::optional<std::vector<std::string>> projected;
    std::optional<Throughput> throughput;
    UnitsRequest on_demand;
  };
  std::vector<Index> indexes;
  bool has_local_indexes = false;  // given, even if empty
  bool has_global_indexes = false;
  std::optional<BillingMode> billing;
  std::optional<Throughput> throughput;
  UnitsRequest on_demand;
  std::optional<UnitsRequest> warm;
  std::optional<bool> stream_enabled;
  std::optional<ViewType> view;
  std::map<std::string, std::string> tags;
  bool deletion_protection = false;
  std::string table_class;
  std::optional<SseRequest> sse;
  std::string policy;
};

// UpdateTable.  Absent members stay as they are.
struct TableUpdate {
  std::vector<KeyAttribute> attributes;
  std::optional<BillingMode> billing;
  std::optional<Throughput> throughput;
  std::optional<UnitsRequest> on_demand;  // -1 takes a limit away
  std::optional<UnitsRequest> warm;
  std::optional<bool> stream_enabled;
  std::optional<ViewType> view;
  std::optional<bool> deletion_protection;
  std::optional<std::string> table_class;
  std::optional<SseRequest> sse;
  bool has_index_updates = false;  // given, even if empty
  std::vector<TableRequest::Index> created;
  struct IndexUpdate {
    std::string name;
    std::optional<Throughput> throughput;
    std::optional<UnitsRequest> on_demand;
  };
  std::vector<IndexUpdate> updated;
  std::vector<std::string> deleted;
  // Whether the table is UPDATING for a while.  It stays ACTIVE when only its deletion protection,
  // its encryption, its limits on demand or its warm throughput change.
  bool ChangesStatus() const;
};

class Catalog {
 public:
  // Loads what was saved and registers the indexes with the store; call it before anything writes.
  // The event loop and the store must outlive the catalog.
  Catalog(EventLoop& event_loop, Store& store, CatalogOptions options, std::uint64_t seed);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;
  ~Catalog();

  const CatalogOptions& options() const { return options_; }
  Store& store() { return store_; }
  EventLoop& event_loop() { return event_loop_; }

  // Finds a table by its name or ARN. kResourceNotFound: there is none, also for an ARN of another
  // account or region; kValidation: a malformed ARN.  The message is that of operations on tables
  // ("Requested resource not found: Table: T not found").  The pointer is valid until the table is
  // deleted: do not keep it across a wait.
  Outcome<const TableState*> Find(const Scope& scope, std::string_view name_or_arn);
  // The same for operations on items: the table must be ACTIVE or UPDATING, and the message is
  // "Requested resource not found".
  Outcome<const TableState*> FindActive(const Scope& scope, std::string_view name_or_arn);
  // Null for an index that does not exist or is being deleted; kValidation for one that is not
  // ACTIVE yet.
  Outcome<const SecondaryIndex*> FindActiveIndex(const TableState& table,
                                                 std::string_view index) const;
  // By the store's table id; null if it is gone or unknown.
  const TableState* FindById(int table_id);
  // Every table in order of store id, adopted ones included.
  std::vector<const TableState*> All();

  TableStatus StatusOf(const TableState& table) const;
  TableStatus StatusOf(const SecondaryIndex& index) const;

  Outcome<const TableState*> Create(const Scope& scope, const TableRequest& request);
  // The table as it is during the update, even if the update is complete at once: provisioned
  // units, warm throughput and encryption are still the old ones; a new billing mode holds already.
  Outcome<TableState> Update(const Scope& scope, std::string_view table, const TableUpdate& update);
  // The description as of the deletion, with status DELETING.
  Outcome<TableState> Delete(const Scope& scope, std::string_view table);
  // Names in order, after `after`, at most `limit`; `*more` tells whether there are others.
  std::vector<std::string> List(const Scope& scope, const std::string& after, std::size_t limit,
                                bool* more);

  // By ARN of a table.
  Outcome<void> Tag(const Scope& scope, std::string_view arn,
                    const std::map<std::string, std::string>& tags);
  Outcome<void> Untag(const Scope& scope, std::string_view arn,
                      const std::vector<std::string>& keys);
  Outcome<std::map<std::string, std::string>> TagsOf(const Scope& scope, std::string_view arn);

  // Point-in-time recovery that reaches back for `days`; 0: off.  Nothing can be restored.
  Outcome<const TableState*> SetRecovery(const Scope& scope, std::string_view table,
                                         std::int64_t days);
  Outcome<void> SetTimeToLive(const Scope& scope, std::string_view table,
                              const std::string& attribute, bool enabled);
  // By ARN of a table or stream.  `expected_revision`: "" means any, "NO_POLICY" that there is
  // none.  Returns the new revision.
  Outcome<std::string> PutPolicy(const Scope& scope, std::string_view arn,
                                 const std::string& policy, const std::string& expected_revision);
  struct Policy {
    std::string text;
    std::string revision;
  };
  Outcome<Policy> PolicyOf(const Scope& scope, std::string_view arn);
  // The revision of the policy that was deleted; "" if there was none.
  Outcome<std::string> DeletePolicy(const Scope& scope, std::string_view arn,
                                    const std::string& expected_revision);

  // A stream that can be read, of a table that may be gone.
  struct StreamSource {
    int table_id = 0;
    std::string table;
    Scope creator;
    std::string arn;
    ItemLayout layout;
    StreamState state;
    int partitions = 1;  // of the table
  };
  // In order of ARN.
  std::vector<StreamSource> StreamSources(const Scope& scope);
  std::optional<StreamSource> FindStream(const Scope& scope, std::string_view arn);
  // The enabled stream of a table; changes nothing, unlike a lookup.
  static std::optional<StreamSource> EnabledStream(const TableState& table);
  // The stream that has this record.
  std::optional<StreamSource> StreamOf(int table_id, std::uint64_t sequence) const;
  // Whether the stream can still be read, in whatever scope.
  bool HasStream(int table_id, const std::string& label) const;

  // Removes tables and indexes whose deletion has ended, and streams whose records are older than
  // the retention.  Lookups do it for what they meet.
  void Clean();
  // Whether the entries of every index are complete.
  bool Idle() const;
  // Calls `callback` with the store's id of each table whose description has changed, or that is
  // gone.
  void OnChange(std::function<void(int table_id)> callback);

 private:
  struct Parts;
  using StateResult = Outcome<TableState*>;

  std::int64_t Now() const { return event_loop_.UnixNanos(); }
  // When a change that is asked for now has its effect.
  std::int64_t Later() const { return Now() + options_.create_delay.count(); }
  std::pair<Scope, std::string> NameOf(const Scope& scope, std::string name) const;
  StateResult FindState(const Scope& scope, std::string_view name_or_arn);
  // The same for changes of a table that must be ACTIVE.
  StateResult FindChangeable(const Scope& scope, std::string_view name_or_arn);
  // By the ARN of a table or of one of its streams; sets `*stream`.
  StateResult FindResource(const Scope& scope, std::string_view arn, bool* stream);
  // By the ARN of a table: what its tags belong to.
  StateResult FindTagged(const Scope& scope, std::string_view arn);
  StateResult FindPolicyOwner(const Scope& scope, std::string_view arn, bool* stream);
  // Ends what is due of the table's changes.  Null if its deletion has ended: it is then removed.
  TableState* Settle(int table_id);
  // Ends an update and a change of the encryption that are due.  Returns whether there was one.
  bool SettleUpdate(TableState& table);
  // A table as it was last described, even if it is gone; changes nothing.
  const TableState* FindKnown(int table_id) const;
  TableState* Adopt(Table& table);
  void Load();
  void Save(const TableState& table);
  // Returns whether the store could delete it; else it stays DELETING, and the next lookup tries
  // again.
  bool Remove(int table_id);
  void AddStream(TableState& table, ViewType view);
  void EndStream(TableState& table);
  void CleanStreams();
  void UpdateRetention();
  Outcome<void> AddIndex(TableState& table, SecondaryIndex index);
  void OpenIndexes(TableState& table);
  void Backfill(int table_id, int entries);
  // Fills in the entries of the next items; returns whether all are filled in.
  bool BackfillStep(TableState& table, int entries, std::size_t limit);
  // Starts the change of the units of a table or of an index.  `switched`: because of the billing
  // mode.
  void ChangeThroughput(const Throughput& wanted, bool switched, Throughput* units,
                        ThroughputChanges* changes) const;
  Outcome<void> CheckUpdate(const TableState& table, const TableUpdate& update) const;
  Outcome<void> CheckIndexUpdates(const TableState& table, const TableUpdate& update) const;
  // Returns whether the billing mode changes.
  bool ApplyBilling(TableState& table, const TableUpdate& update);
  Outcome<void> ApplyIndexUpdates(TableState& table, const TableUpdate& update, bool switched);

  EventLoop& event_loop_;
  Store& store_;
  const CatalogOptions options_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kless::dynamodb
