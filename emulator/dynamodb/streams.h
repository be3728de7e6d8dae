// Streams: the change feed of a table as DynamoDB Streams shows it.
//
// A stream has a lineage of shards.  Each covers a range of the hashes of partition keys and a
// range of the feed; it closes when its partition is split, when it is four hours old, or by
// request, and its children go on at the same place.  Nothing is copied: a record is read from the
// feed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/failure.h"
#include "store/change_feed.h"

namespace kless::dynamodb {

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
constexpr Duration kIteratorLife = std::chrono::minutes(15);
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
constexpr int kRecordsMax = 1000;
constexpr std::size_t kRecordsBytesMax = 1u << 20;
// How long a shard takes records.  AWS documents no number; this is what its users observe:
// https://stackoverflow.com/questions/44266633
constexpr Duration kShardLife = std::chrono::hours(4);

// "000000000000000004711": 21 decimal digits that order as the records do.
std::string SequenceNumber(std::uint64_t sequence);
std::optional<std::uint64_t> ParseSequenceNumber(std::string_view text);

struct ShardState {
  std::string id;               // "shardId-00000001764546067113-1a2b3c4d5e6f7081"
  std::string parent;           // "": none
  std::uint64_t hash_from = 0;  // hashes of partition keys in [hash_from, hash_to]
  std::uint64_t hash_to = 0;
  std::uint64_t after = 0;             // its records have sequences in (after, until]
  std::optional<std::uint64_t> until;  // set when it is closed
  std::int64_t created_nanos = 0;
  std::int64_t closed_nanos = 0;
  bool Covers(std::uint64_t hash) const { return hash_from <= hash && hash <= hash_to; }
  // As the API shows them.
  std::string StartingSequenceNumber() const { return SequenceNumber(after + 1); }
  std::string EndingSequenceNumber() const;  // of a closed shard
};

struct StreamSummary {
  std::string arn;
  std::string table;
  std::string label;
};

struct StreamDescription {
  StreamSummary stream;
  bool enabled = true;
  ViewType view = ViewType::kNewAndOldImages;
  std::int64_t created_nanos = 0;
  KeySchema key;
  std::vector<ShardState> shards;
  bool more = false;  // there are shards after the last of `shards`
};

enum class IteratorType { kTrimHorizon, kLatest, kAtSequenceNumber, kAfterSequenceNumber };

struct StreamRecords {
  std::vector<RecordPtr> records;
  std::optional<std::string> next_iterator;  // none: the shard is closed and was read to its end
  ViewType view = ViewType::kNewAndOldImages;
  std::string region;
  std::string table;
  ItemLayout layout;  // for the keys and images of the records
};

class Streams {
 public:
  explicit Streams(Catalog& catalog);
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // In order of ARN, after the stream `after` ("": from the start).  `table`: "" means all.
  std::vector<StreamSummary> List(const Scope& scope, const std::string& table,
                                  const std::string& after, std::size_t limit, bool* more);
  // kResourceNotFound: no such stream, or its records are all gone.  kValidation: not an ARN.
  // `after`: the shard id before the first; an unknown one gives no shards.  `children_of`: only
  // the children of that shard; "" means all.
  Outcome<StreamDescription> Describe(const Scope& scope, const std::string& arn,
                                      const std::string& after, const std::string& children_of,
                                      std::size_t limit);
  // `sequence`: the SequenceNumber, "" if none was given.
  Outcome<std::string> Iterator(const Scope& scope, const std::string& arn,
                                const std::string& shard, IteratorType type,
                                const std::string& sequence);
  // kExpiredIterator, kTrimmedDataAccess, kResourceNotFound; kValidation: not an iterator.
  Outcome<StreamRecords> Records(const std::string& iterator, int limit);

  // Closes every open shard of the table's stream and gives each two children.  kValidation: it has
  // no enabled stream.  Returns the number of open shards.
  Outcome<std::size_t> Split(const TableState& table);
  // Forgets the shards of streams that can no longer be read.
  void Clean();
  // The id of the shard that has this record of a stream; "" if it is none of the stream's.
  std::string ShardOf(const Catalog::StreamSource& source, const ChangeRecord& record);
  // The open and the closed shards of the enabled stream; for the admin door.
  std::vector<ShardState> ShardsOf(const TableState& table);

 private:
  using Source = Catalog::StreamSource;
  using Shards = std::vector<ShardState>;

  // The lineage up to now.
  Shards& LineageOf(const Source& source);
  Shards FirstShards(const Source& source) const;
  // Closes shards at the end of their life, or all of them if the stream was disabled.
  bool Age(const Source& source, Shards& shards) const;
  // Closes the shard behind record `until`; its children, `count` of them, follow it.
  static void Close(const Source& source, Shards& shards, std::size_t at, std::uint64_t until,
                    std::int64_t unix_nanos, int count);
  void Save(const Source& source, const Shards& shards);
  // Whether the shard is listed: its records are not all older than the retention.
  bool IsListed(const ShardState& shard) const;
  // In order of id.
  std::vector<ShardState> ListedShards(const Source& source);
  // Splits shards until there is one for each partition.
  void Grow(int table_id);
  // Positions below it have been trimmed, or would be.
  std::uint64_t Horizon() const;
  Outcome<Source> Find(const Scope& scope, const std::string& arn);

  Catalog& catalog_;
  std::map<std::pair<int, std::string>, Shards> lineages_;  // by table id and label
};

}  // namespace kless::dynamodb
