#include "emulator/dynamodb/capacity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "emulator/base/random.h"

namespace kless::dynamodb {
namespace {

constexpr double kReadBlock = 4096;
constexpr double kWriteBlock = 1024;
constexpr double kBurstSeconds = 300;
constexpr double kPartitionReads = 3000;
constexpr double kPartitionWrites = 1000;
// A new on-demand table serves up to 4,000 writes and 12,000 reads a second at once:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
constexpr int kOnDemandPartitions = 4;

double Blocks(std::size_t bytes, double block) {
  return std::max(1.0, std::ceil(static_cast<double>(bytes) / block));
}

Failure Throttled(const SecondaryIndex* index) {
  return Fail(FailureKind::kThroughputExceeded,
              index == nullptr
                  ? "The level of configured provisioned throughput for the table was exceeded. "
                    "Consider increasing your provisioning level with the UpdateTable API."
                  : "The level of configured provisioned throughput for one or more global "
                    "secondary indexes of the table was exceeded. Consider increasing your "
                    "provisioning level for the under-provisioned global secondary indexes with "
                    "the UpdateTable API");
}

}  // namespace

double ReadUnits(std::size_t bytes, Consistency consistency) {
  const double blocks = Blocks(bytes, kReadBlock);
  if (consistency == Consistency::kEventual) return blocks / 2;
  return consistency == Consistency::kTransaction ? blocks * 2 : blocks;
}

double WriteUnits(std::size_t bytes, bool transaction) {
  return Blocks(bytes, kWriteBlock) * (transaction ? 2 : 1);
}

Units ConsumedCapacity::Total() const {
  Units total = table;
  for (const auto& [name, units] : local) total += units;
  for (const auto& [name, units] : global) total += units;
  return total;
}

ConsumedCapacity& ConsumedCapacity::operator+=(const ConsumedCapacity& other) {
  table += other.table;
  for (const auto& [name, units] : other.local) local[name] += units;
  for (const auto& [name, units] : other.global) global[name] += units;
  return *this;
}

int PartitionsOf(const TableState& table, const SecondaryIndex* index) {
  if (table.billing == BillingMode::kPayPerRequest) return kOnDemandPartitions;
  const Throughput& units = index == nullptr ? table.throughput : index->throughput;
  const double wanted = static_cast<double>(units.read) / kPartitionReads +
                        static_cast<double>(units.write) / kPartitionWrites;
  return std::clamp(static_cast<int>(std::ceil(wanted)), 1, kPartitionsMax);
}

int PartitionOf(const TableState& table, const SecondaryIndex* index, std::string_view partition) {
  if (partition.empty()) return -1;
  const auto count = static_cast<std::uint64_t>(PartitionsOf(table, index));
  return static_cast<int>(HashBytes(partition) % count);
}

Capacity::Bucket& Capacity::Refill(bool write, const BucketKey& key, const Rates& rates) {
  Bucket& bucket = (write ? writes_ : reads_)[key];
  const TimePoint now = event_loop_.Now();
  if (!bucket.started) {
    bucket.started = true;
    bucket.tokens = std::min(rates.held, std::max(1.0, rates.age_seconds) * rates.per_second);
  } else {
    const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.tokens = std::min(rates.held, bucket.tokens + seconds * rates.per_second);
  }
  bucket.filled = now;
  return bucket;
}

std::optional<Capacity::Rates> Capacity::ProvisionedRates(const TableState& table,
                                                          const SecondaryIndex* index,
                                                          bool write) const {
  if (table.billing != BillingMode::kProvisioned) return std::nullopt;
  const bool own = index != nullptr && index->kind == IndexKind::kGlobal;
  const Throughput& units = own ? index->throughput : table.throughput;
  const auto rate = static_cast<double>(write ? units.write : units.read);
  const std::int64_t age =
      event_loop_.UnixNanos() - (own ? index->active_nanos : table.created_nanos);
  return Rates{rate, rate * kBurstSeconds, static_cast<double>(age) / 1e9};
}

Outcome<void> Capacity::Check(const TableState& table, const SecondaryIndex* index, int partition,
                              bool write) {
  const bool own = index != nullptr && index->kind == IndexKind::kGlobal;
  const int entries = own ? index->entries : 0;
  const int id = table.table->description().id;
  bool admitted = true;
  if (const auto rates = ProvisionedRates(table, index, write)) {
    admitted = Refill(write, {id, entries, -1}, *rates).tokens > 0;
  }
  if (admitted && partition >= 0) {
    const double rate = write ? kPartitionWrites : kPartitionReads;
    admitted = Refill(write, {id, entries, partition}, {rate, rate, 1}).tokens > 0;
  }
  if (admitted) return {};
  ++(write ? stats_[id].write_throttles : stats_[id].read_throttles);
  return Throttled(own ? index : nullptr);
}

Outcome<void> Capacity::Admit(const TableState& table, const SecondaryIndex* index,
                              std::string_view partition, bool write) {
  if (!enforced_) return {};
  return Check(table, index, PartitionOf(table, index, partition), write);
}

Outcome<void> Capacity::AdmitScan(const TableState& table, const SecondaryIndex* index) {
  if (!enforced_) return {};
  return Check(table, index, -1, /*write=*/false);
}

void Capacity::Take(const TableState& table, const SecondaryIndex* index, int partition,
                    const Units& units) {
  const bool own = index != nullptr && index->kind == IndexKind::kGlobal;
  const int entries = own ? index->entries : 0;
  const int id = table.table->description().id;
  for (const bool write : {false, true}) {
    const double taken = write ? units.write : units.read;
    if (taken == 0) continue;
    if (const auto rates = ProvisionedRates(table, index, write)) {
      Refill(write, {id, entries, -1}, *rates).tokens -= taken;
    }
    if (partition >= 0) {
      const double rate = write ? kPartitionWrites : kPartitionReads;
      Refill(write, {id, entries, partition}, {rate, rate, 1}).tokens -= taken;
    }
  }
}

void Capacity::Charge(const TableState& table, std::string_view partition,
                      const ConsumedCapacity& units) {
  stats_[table.table->description().id].consumed += units;
  if (!enforced_) return;
  const int at = PartitionOf(table, nullptr, partition);
  Units own = units.table;
  for (const auto& [name, local] : units.local) own += local;
  Take(table, nullptr, at, own);
  for (const auto& [name, global] : units.global) {
    // The entry's partition key is not that of the item: only the whole index is charged.
    if (const SecondaryIndex* const index = table.FindIndex(name)) Take(table, index, -1, global);
  }
}

const CapacityStats& Capacity::StatsOf(const TableState& table) const {
  static const CapacityStats none;
  const auto found = stats_.find(table.table->description().id);
  return found == stats_.end() ? none : found->second;
}

void Capacity::Forget(int table_id) {
  stats_.erase(table_id);
  const auto of_table = [table_id](const auto& entry) { return entry.first.table == table_id; };
  std::erase_if(reads_, of_table);
  std::erase_if(writes_, of_table);
}

}  // namespace kless::dynamodb
