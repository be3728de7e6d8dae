// TableState: everything that DescribeTable, ListTagsOfResource and the like tell of one table.
//
// Only the catalog changes it.  Statuses are functions of the stored times and of the emulated
// clock, so that a restart, a snapshot and a skipped clock need no timers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/dynamodb/encryption.h"
#include "emulator/dynamodb/model/key_schema.h"
#include "emulator/dynamodb/model/stored_item.h"
#include "emulator/dynamodb/scope.h"
#include "store/table.h"

namespace kless::dynamodb {

enum class BillingMode { kProvisioned, kPayPerRequest };
const char* BillingModeName(BillingMode mode);  // "PROVISIONED", "PAY_PER_REQUEST"

enum class ViewType { kKeysOnly, kNewImage, kOldImage, kNewAndOldImages };
const char* ViewTypeName(ViewType type);  // "KEYS_ONLY", ...
std::optional<ViewType> ViewTypeFromName(std::string_view name);

enum class ProjectionType { kAll, kKeysOnly, kInclude };
const char* ProjectionTypeName(ProjectionType type);  // "ALL", "KEYS_ONLY", "INCLUDE"
std::optional<ProjectionType> ProjectionTypeFromName(std::string_view name);

enum class TableStatus { kCreating, kActive, kUpdating, kDeleting };
const char* TableStatusName(TableStatus status);  // "CREATING", ...

// Provisioned units a second.  Both 0 for on-demand tables.
struct Throughput {
  std::int64_t read = 0;
  std::int64_t write = 0;
  bool operator==(const Throughput&) const = default;
};
// Limits of on-demand tables; -1: none was given.
struct OnDemandThroughput {
  std::int64_t read = -1;
  std::int64_t write = -1;
  bool operator==(const OnDemandThroughput&) const = default;
};

// What a new on-demand table can serve a second; a provisioned one serves what it has:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
constexpr Throughput kOnDemandWarm = {12'000, 4'000};
Throughput WarmOf(BillingMode billing, const Throughput& provisioned);

// A change of provisioned units that was asked for and is not complete.
struct ThroughputChange {
  Throughput units;
  bool increases = false;  // reads or writes; one change can do both
  bool decreases = false;
  std::int64_t complete_nanos = 0;  // the date that its completion will have
};

struct ThroughputChanges {
  std::int64_t decreases_today = 0;      // on the day (UTC) of the last decrease
  std::int64_t last_increase_nanos = 0;  // Unix time; 0: never
  std::int64_t last_decrease_nanos = 0;
  std::optional<ThroughputChange> pending;
  // Gives `pending` the date of its request, which counts until it is complete.
  void NoteRequest(std::int64_t unix_nanos);
  // Decreases since the last midnight UTC.
  std::int64_t DecreasesOn(std::int64_t unix_nanos) const;
};

enum class IndexKind { kGlobal, kLocal };

struct SecondaryIndex {
  std::string name;
  IndexKind kind = IndexKind::kGlobal;
  KeySchema key;  // of a global one, up to four attributes in each part
  ProjectionType projection = ProjectionType::kAll;
  std::vector<std::string> projected;  // of kInclude, as given
  // Global indexes only.
  Throughput throughput;
  ThroughputChanges changes;
  OnDemandThroughput on_demand;
  // Whether it has items of its own partitions and throughput, and lags behind the table.
  bool is_global() const { return kind == IndexKind::kGlobal; }
  // The store's id of its entries; unique in the file.
  int entries = 0;
  // Unix times in nanoseconds.  Active from `active_nanos` on, once the entries of all items that
  // were there before it have been written.
  std::int64_t active_nanos = 0;
  bool backfilled = true;
  std::int64_t deleted_nanos = 0;  // gone from then on; 0: it is not being deleted
  // Whether an item's attribute of that name is visible through the index.  Key attributes of the
  // table and of the index always are.
  bool Projects(std::string_view attribute) const;
};

// One stream of a table: the current one or a disabled one, which stays readable until its records
// are older than the retention.
struct StreamState {
  std::string label;  // "2026-11-30T23:41:07.113"
  ViewType view = ViewType::kNewAndOldImages;
  std::int64_t created_nanos = 0;
  // Only records of the feed in (after, until] belong to it.
  std::uint64_t after = 0;
  std::optional<std::uint64_t> until;  // set when it is disabled
  std::int64_t disabled_nanos = 0;
};

struct TimeToLive {
  std::string attribute;           // "": disabled
  std::int64_t changed_nanos = 0;  // of the last UpdateTimeToLive; 0: never
  int entries = 0;                 // the index by expiry; 0: none
  bool filled = false;             // whether all items are in it
};

struct TableState {
  Table* table = nullptr;  // the store's; its id and key are in table->description()
  std::string name;        // as clients know it
  Scope creator;
  std::string id;  // UUID
  std::string arn;
  std::int64_t created_nanos = 0;
  std::int64_t active_nanos = 0;   // CREATING before it
  std::int64_t updated_nanos = 0;  // UPDATING before it
  std::int64_t deleted_nanos = 0;  // gone from then on; 0: it is not being deleted
  ItemLayout layout;               // key and document attribute
  BillingMode billing = BillingMode::kPayPerRequest;
  std::int64_t on_demand_nanos = 0;  // when it last became on-demand; 0: never
  bool becomes_on_demand = false;    // by the update that ends at `updated_nanos`
  bool billing_was_given = false;    // BillingModeSummary is shown only if it ever was
  Throughput throughput;
  ThroughputChanges changes;
  OnDemandThroughput on_demand;
  std::optional<Throughput> warm;       // the most that was given or provisioned before
  bool is_warming = false;              // by the update that ends at `updated_nanos`
  std::vector<SecondaryIndex> indexes;  // global and local ones, in order of name
  std::vector<StreamState> streams;     // in order of creation; the last one may be enabled
  std::map<std::string, std::string> tags;
  TimeToLive ttl;
  std::int64_t recovery_days = 0;   // how far point-in-time recovery reaches back; 0: it is off
  std::int64_t recovery_nanos = 0;  // since when it is on
  bool deletion_protection = false;
  std::string table_class;  // "": never given, which is STANDARD
  std::int64_t table_class_nanos = 0;
  std::string policy;  // the resource policy as given; "": none
  std::string policy_revision;
  std::string stream_policy;  // the same of the current stream
  std::string stream_policy_revision;
  Encryption encryption;
  std::optional<Encryption> next_encryption;  // takes its place at `encrypted_nanos`
  std::int64_t encrypted_nanos = 0;

  bool is_resource_table() const;
  // What it can serve at once: what it is provisioned with, or was, or was asked to be ready for.
  Throughput Warm() const;
  int store_id() const { return table->description().id; }
  const SecondaryIndex* FindIndex(std::string_view index) const;
  SecondaryIndex* FindIndex(std::string_view index);
  // The enabled stream; null if there is none.
  const StreamState* stream() const;
  std::string StreamArn(const StreamState& stream) const;   // ARN/stream/LABEL
  std::string IndexArn(const SecondaryIndex& index) const;  // ARN/index/NAME
  // Every attribute with a type in any key, in order of name.
  std::vector<KeyAttribute> Attributes() const;
};

}  // namespace kless::dynamodb
