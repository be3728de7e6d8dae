// Store: one SQLite file (or memory) with its tables, change feed, checkpoints and invocation log.
//
// Single-threaded except for the WAL checkpoint, which runs on a thread of its own.  A write
// belongs to the transaction of its loop turn; EndTurn() commits it, publishes its records and
// wakes the waiters, in this order (kScratch: it publishes and wakes, and commits now and then).
// After a failed commit no one gets a reply: the failure handler is called and must end the
// process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"
#include "store/change_feed.h"
#include "store/invocation_log.h"
#include "store/resources.h"
#include "store/table.h"

namespace kless {

// kFull: fdatasync at each commit. kNormal: WAL; survives the death of the process, not of the
// machine. kScratch: a file that is kept only by an orderly end, for runs in virtual time; memory
// stays bounded, and a turn costs no system call.  While it is open no other process can read it;
// after a crash it is refused. kMemory: no file at all.
enum class Durability { kFull, kNormal, kScratch, kMemory };
const char* DurabilityName(Durability durability);  // "full", "normal", "scratch", "memory"

// The exit code of the process when a write or a commit has failed: EX_SOFTWARE.
constexpr int kStoreFailureExitCode = 70;
// The default failure handler: logs the message, or prints it if errors are not logged, and exits
// without running destructors.
[[noreturn]] void EndProcessOnStoreFailure(const std::string& what);

constexpr std::uint64_t kRetentionCountMaximum = 1'000'000'000;

struct StoreOptions {
  std::string path;  // the SQLite file; its folder exists.  Ignored for kMemory
  Durability durability = Durability::kNormal;
  KeyLayout key_layout = KeyLayout::kTypeName;
  int resource_shards = 4;  // of the resource table; used only for a new file
  // Limits of the ring of recent records, and of the older current images (see RecordRing).
  std::size_t ring_records = 16384;
  std::size_t ring_bytes = 16u << 20;
  std::size_t image_bytes = 64u << 20;
  std::size_t page_cache_kib = 8192;  // SQLite's page cache
  // A record is trimmed once it is older than the age or beyond the count, whichever comes first.
  Duration retention_age = std::chrono::hours(24);
  std::uint64_t retention_count = 1'000'000;  // at most kRetentionCountMaximum
  // Called when a write or commit failed, with a message that names the file, what it holds, and
  // the remedy; must end the process.  If it returns (in tests), the turn is rolled back and the
  // store accepts no more writes.
  std::function<void(const std::string&)> on_failure = EndProcessOnStoreFailure;
};

// One action of a transaction.
struct TransactItem {
  enum class Kind { kPut, kRemove, kCheck };
  Kind kind = Kind::kPut;
  Table* table = nullptr;
  Item item;  // kRemove, kCheck: only the key is used
  Condition condition;
  bool keep_attributes = false;  // kPut: like Table::PutDocument; item.attributes is ignored
};

struct StoreStats {
  std::uint64_t writes = 0;  // writes that made a record, since the process started
  std::uint64_t reads = 0;   // items read
  // turns that wrote, even if kScratch has not yet written them to the file
  std::uint64_t commits = 0;
  std::uint64_t no_op_writes = 0;
  std::uint64_t failed_conditions = 0;
  std::uint64_t feed_latest = 0;
  std::uint64_t feed_low_water = 0;
  std::uint64_t file_bytes = 0;  // main file and WAL; 0 for kMemory
  std::uint64_t wal_bytes = 0;   // of the WAL alone
};

struct StoreCopy {
  std::uint64_t bytes = 0;
  std::uint64_t sequence = 0;  // of the newest record in the copy
};

class Store {
 public:
  static constexpr int kSchemaVersion = 3;

  // Opens or creates a store.  A file of schema version 2 is upgraded in place, in one transaction.
  // kUnsupported: the file was written by a newer kless, or one older than that (the message names
  // both schema versions). kInvalidArgument: the file is not a kless store, has another key
  // layout than requested, or its folder is missing or read-only. kConflict: another process
  // holds it. kUnavailable: the disk is full.
  // Registers the event loop's turn-end hook.  Destroying the store drops its waiters and discards
  // what was not committed (kScratch: commits it): call EndTurn() first.
  static Result<std::unique_ptr<Store>> Open(EventLoop& event_loop, StoreOptions options);
  virtual ~Store() = default;

  // Errors: kAlreadyExists, kInvalidArgument.  The pointer lives as long as the store.
  virtual Result<Table*> CreateTable(TableDescription description) = 0;
  virtual Table* FindTable(const std::string& name) = 0;  // null if it does not exist
  // Also finds a deleted table as long as its records can be read.
  virtual Table* FindTable(int id) = 0;
  virtual std::vector<Table*> Tables() = 0;  // in order of name, without deleted ones
  // Deletes the table; its name is free again.  Its items make no records, its records stay until
  // they are trimmed, and then the rest of it is deleted little by little (Trim). kNotFound;
  // kInvalidArgument: it is the resource table.
  virtual Result<void> DeleteTable(const std::string& name) = 0;
  virtual ResourceTable& resources() = 0;

  // The newest record, those of the open turn included.
  virtual std::uint64_t LastSequence() const = 0;
  virtual ChangeFeed& feed() = 0;
  virtual InvocationLog& invocations() = 0;

  // Performs all actions or none; 1..100 actions on different items.  On a failed condition:
  // kConflict (or kAlreadyExists, kNotFound, as for single writes), and `*failed` is the index of
  // the first failing action.
  virtual Result<std::vector<WriteResult>> Transact(std::vector<TransactItem> actions,
                                                    std::size_t* failed = nullptr) = 0;

  // Completes once everything written so far is committed (kScratch: published), immediately if it
  // already is.
  virtual Task<> Committed() = 0;
  // Commits now.  Called by the turn-end hook and by tests.
  virtual void EndTurn() = 0;

  // Small named values that survive a restart (positions of mappings, user functions, the boot
  // counter).  Written in the turn's transaction.
  virtual std::optional<std::string> LoadValue(const std::string& name) const = 0;
  // All values whose names begin with `prefix`, by name.
  virtual std::map<std::string, std::string> LoadValues(const std::string& prefix) const = 0;
  virtual void SaveValue(const std::string& name, const std::string& value) = 0;
  virtual void RemoveValue(const std::string& name) = 0;

  // Whether the retention count limits the feed; otherwise records are trimmed by age only.
  virtual void SetRetentionByCount(bool by_count) = 0;
  virtual Duration retention_age() const = 0;
  // Raises the low-water mark by age and count according to the options (at most `max_records` per
  // call), and to `position` if given, and deletes up to as many remains of deleted tables and
  // indexes.  Returns the number of trimmed records.
  virtual std::uint64_t Trim(std::uint64_t max_records,
                             std::optional<std::uint64_t> position = std::nullopt) = 0;

  // Saves a consistent copy of everything written, including this turn's writes (which are
  // committed first), as a file that Store::Open accepts.  `path` is written completely or not at
  // all.  Equal contents give equal bytes.  The loop stands still meanwhile. kAlreadyExists:
  // `path`, or the WAL of a former store at `path`, exists; kInvalidArgument: its folder is
  // missing; kUnavailable: an I/O error, and nothing was saved; kInternal: the store has failed.
  virtual Result<StoreCopy> SaveCopy(const std::string& path) = 0;

  virtual StoreStats Stats() const = 0;
  virtual std::int64_t UnixNanos() const = 0;
};

}  // namespace kless
