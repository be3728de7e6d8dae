// Capacity: what requests consume, and when they are throttled.
//
// A read unit is a strongly consistent read of up to 4 KB a second, a write unit a write of up to
// 1 KB a second; an eventually consistent read costs half, a transactional one twice as much:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
// A provisioned table or index has a token bucket that holds 300 s of unused capacity:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
// A partition yields at most 3,000 read and 1,000 write units a second (same page), whatever the
// billing mode.  All in emulated time.  A bucket fills from the creation of its table on; what a
// process before this one consumed is forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/base/loop/event_loop.h"
#include "emulator/dynamodb/failure.h"
#include "emulator/dynamodb/table_state.h"

namespace kless::dynamodb {

enum class Consistency { kEventual, kStrong, kTransaction };

// Units of a read of so many bytes: at least one block of 4 KB.
double ReadUnits(std::size_t bytes, Consistency consistency);
// Units of a write of so many bytes: at least one block of 1 KB.
double WriteUnits(std::size_t bytes, bool transaction);

struct Units {
  double read = 0;
  double write = 0;
  double total() const { return read + write; }
  Units& operator+=(const Units& other) {
    read += other.read;
    write += other.write;
    return *this;
  }
};

// What one request consumed of one table: the total, and its parts as ReturnConsumedCapacity
// INDEXES tells them.
struct ConsumedCapacity {
  Units table;                         // of the table itself
  std::map<std::string, Units> local;  // by index; only those that the request touched
  std::map<std::string, Units> global;
  Units Total() const;
  ConsumedCapacity& operator+=(const ConsumedCapacity& other);
};

// Since the process started, of one table with its indexes.
struct CapacityStats {
  ConsumedCapacity consumed;
  std::uint64_t read_throttles = 0;  // requests refused
  std::uint64_t write_throttles = 0;
};

class Capacity {
 public:
  // While not `enforced`, it counts and never throttles.
  Capacity(EventLoop& event_loop, bool enforced) : event_loop_(event_loop), enforced_(enforced) {}

  // Whether a request on this partition key may begin: a request is admitted while its buckets are
  // not empty, and is then charged in full, which may leave them in debt.  Of an index, its own
  // throughput counts (`index` null: the table's).  kThroughputExceeded counts as a throttle.
  Outcome<void> Admit(const TableState& table, const SecondaryIndex* index,
                      std::string_view partition, bool write);
  // The same for a Scan, which concerns no single partition.
  Outcome<void> AdmitScan(const TableState& table, const SecondaryIndex* index);
  // Charges what the request has consumed.  `partition` may be empty: no partition in particular.
  void Charge(const TableState& table, std::string_view partition, const ConsumedCapacity& units);

  // All zero for a table that was not used.
  const CapacityStats& StatsOf(const TableState& table) const;
  // Forgets a deleted table.
  void Forget(int table_id);

 private:
  struct Bucket {
    double tokens = 0;
    TimePoint filled{};
    bool started = false;
  };
  struct BucketKey {
    int table = 0;
    int entries = 0;     // of a global index; 0: the table
    int partition = -1;  // -1: the whole table or index
    auto operator<=>(const BucketKey&) const = default;
  };
  struct Rates {
    double per_second = 0;
    double held = 0;         // the most that the bucket holds
    double age_seconds = 0;  // how long it has been filling when it is first used
  };
  Bucket& Refill(bool write, const BucketKey& key, const Rates& rates);
  std::optional<Rates> ProvisionedRates(const TableState& table, const SecondaryIndex* index,
                                        bool write) const;
  Outcome<void> Check(const TableState& table, const SecondaryIndex* index, int partition,
                      bool write);
  void Take(const TableState& table, const SecondaryIndex* index, int partition,
            const Units& units);

  EventLoop& event_loop_;
  const bool enforced_;
  std::map<BucketKey, Bucket> reads_;
  std::map<BucketKey, Bucket> writes_;
  std::map<int, CapacityStats> stats_;
};

// Each partition of a table with a stream has a shard, so that a request for 10^12 units must not
// make as many partitions as it asks for.  AWS's default quota, 40,000 units, makes 54:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr int kPartitionsMax = 1000;

// How many partitions a table or index has by its throughput, up to kPartitionsMax; an on-demand
// one has four:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
int PartitionsOf(const TableState& table, const SecondaryIndex* index);
// The partition of a partition key, from 0; -1 for an empty one.
int PartitionOf(const TableState& table, const SecondaryIndex* index, std::string_view partition);

}  // namespace kless::dynamodb
