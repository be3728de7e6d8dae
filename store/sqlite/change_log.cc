#include "store/sqlite/change_log.h"

#include <algorithm>
#include <utility>

#include "store/change_feed.h"

namespace kless {
namespace {

// In the column `kind`: a removal because the item's time to live had passed.
constexpr std::string_view kExpire = "EXPIRE";

ChangeType ChangeTypeFromName(std::string_view name) {
  if (name == "INSERT") return ChangeType::kInsert;
  return name == "REMOVE" || name == kExpire ? ChangeType::kRemove : ChangeType::kModify;
}

// Extracts the fields, too, unless the writer has done it.
void SetImage(const TableInfo& table, Item& item, std::uint64_t sequence) {
  item.version = sequence;
  if (!table.is_resource_table) {
    item.fields = nullptr;
  } else if (!item.fields) {
    item.fields = ExtractResourceFields(item.document, table.ResourceNameOf(item.key));
  }
}

// Reads the image of the current row, whose columns `attributes` and, right after it, `document`
// begin at index `attributes`.
ItemPtr ReadImage(const SqliteStatement& row, int attributes, const TableInfo& table,
                  const Key& key, std::uint64_t sequence) {
  auto item = std::make_shared<Item>();
  item->key = key;
  item->attributes = row.Bytes(attributes);
  item->document = row.Bytes(attributes + 1);
  SetImage(table, *item, sequence);
  return item;
}

// How many records VisitBack reads from SQLite at a time.
constexpr std::uint64_t kChunk = 1000;

}  // namespace

void BindKeyPart(SqliteStatement& statement, int index, KeyType type, std::string_view bytes) {
  if (type == KeyType::kString) {
    statement.BindText(index, bytes);
  } else {
    statement.BindBlob(index, bytes);
  }
}

void BindKey(SqliteStatement& statement, int index, const TableInfo& table, const Key& key) {
  BindKeyPart(statement, index, table.description.partition_type, key.partition);
  BindKeyPart(statement, index + 1, table.description.sort_type, key.sort);
}

ChangeLog::ChangeLog(SqliteConnection& connection, const TableInfos& tables,
                     const StoreOptions& options)
    : tables_(tables),
      ring_(options.ring_records, options.ring_bytes, options.image_bytes),
      select_sequence_(
          connection,
          "SELECT sequence FROM items WHERE table_id = ?1 AND partition = ?2 AND sort = ?3"),
      select_image_(connection, "SELECT attributes, document FROM changes WHERE sequence = ?1"),
      select_records_(connection,
                      "SELECT sequence, table_id, kind, unix_nanos, previous, partition, sort, "
                      "attributes, document FROM changes WHERE sequence > ?1 AND sequence <= ?2 "
                      "ORDER BY sequence"),
      select_table_records_(
          connection,
          "SELECT sequence, table_id, kind, unix_nanos, previous, partition, sort, "
          "attributes, document FROM changes WHERE sequence > ?1 AND sequence <= ?2 "
          "AND table_id = ?3 ORDER BY sequence LIMIT ?4"),
      select_time_(connection, "SELECT unix_nanos FROM changes WHERE sequence = ?1"),
      insert_change_(connection, "INSERT INTO changes VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      replace_item_(connection, "REPLACE INTO items VALUES(?1, ?2, ?3, ?4)"),
      delete_item_(connection,
                   "DELETE FROM items WHERE table_id = ?1 AND partition = ?2 AND sort = ?3") {
  low_water_ = static_cast<std::uint64_t>(
      connection.QueryInteger("SELECT value FROM meta WHERE name = 'low_water'"));
  // A trimmed removal has no row any more, although its number was used.
  const auto newest =
      static_cast<std::uint64_t>(connection.QueryInteger("SELECT max(sequence) FROM changes"));
  start_ = latest_ = last_ = std::max(newest, low_water_);
}

ItemPtr ChangeLog::Current(const TableInfo& table, const Key& key) const {
  const int id = table.description.id;
  std::optional<std::uint64_t> version = versions_.Find(id, key);
  if (!version) {
    select_sequence_.BindInteger(1, id);
    BindKey(select_sequence_, 2, table, key);
    const SqliteReset reset(select_sequence_);
    version = select_sequence_.Step() ? static_cast<std::uint64_t>(select_sequence_.Integer(0)) : 0;
    versions_.Set(id, key, *version);
  }
  return *version == 0 ? nullptr : Image(table, key, *version);
}

ItemPtr ChangeLog::Image(const TableInfo& table, const Key& key, std::uint64_t sequence) const {
  if (sequence > latest_) return pending_[sequence - latest_ - 1]->new_image;
  if (ItemPtr image = ring_.Image(sequence)) return image;
  select_image_.BindInteger(1, static_cast<std::int64_t>(sequence));
  const SqliteReset reset(select_image_);
  if (!select_image_.Step()) {
    throw SqliteError(
        0, "the data file is damaged: record " + std::to_string(sequence) + " is missing");
  }
  return ReadImage(select_image_, 0, table, key, sequence);
}

RecordPtr ChangeLog::Append(TableInfo& table, ItemPtr old_image, std::shared_ptr<Item> new_image,
                            std::int64_t unix_nanos, bool expired) {
  auto record = std::make_shared<ChangeRecord>();
  record->expired = expired;
  record->sequence = last_ + 1;
  record->table = table.description.id;
  record->type = !new_image  ? ChangeType::kRemove
                 : old_image ? ChangeType::kModify
                             : ChangeType::kInsert;
  record->unix_nanos = unix_nanos;
  record->key = new_image ? new_image->key : old_image->key;
  record->shard = ShardOf(record->key.partition, table.description.shards);
  if (new_image) SetImage(table, *new_image, record->sequence);
  record->old_image = std::move(old_image);
  record->new_image = std::move(new_image);

  const auto sequence = static_cast<std::int64_t>(record->sequence);
  insert_change_.BindInteger(1, sequence);
  insert_change_.BindInteger(2, record->table);
  insert_change_.BindText(3, expired ? kExpire : ChangeTypeName(record->type));
  insert_change_.BindInteger(4, unix_nanos);
  if (record->old_image) {
    insert_change_.BindInteger(5, static_cast<std::int64_t>(record->old_image->version));
  } else {
    insert_change_.BindNull(5);
  }
  BindKey(insert_change_, 6, table, record->key);
  if (record->new_image) {
    insert_change_.BindText(8, record->new_image->attributes);
    insert_change_.BindText(9, record->new_image->document);
  } else {
    insert_change_.BindNull(8);
    insert_change_.BindNull(9);
  }
  insert_change_.Run();

  SqliteStatement& move = record->new_image ? replace_item_ : delete_item_;
  move.BindInteger(1, record->table);
  BindKey(move, 2, table, record->key);
  if (record->new_image) move.BindInteger(4, sequence);
  move.Run();

  if (record->type == ChangeType::kInsert) ++table.items;
  if (record->type == ChangeType::kRemove) --table.items;
  ++last_;
  versions_.Set(record->table, record->key, record->new_image ? record->sequence : 0);
  pending_.push_back(record);
  return record;
}

void ChangeLog::Publish() {
  for (RecordPtr& record : pending_) ring_.Push(std::move(record));
  pending_.clear();
  latest_ = last_;
}

std::vector<RecordPtr> ChangeLog::Read(std::uint64_t after, int limit) const {
  std::vector<RecordPtr> records;
  if (after >= latest_) return records;
  const std::uint64_t until = std::min(latest_, after + static_cast<std::uint64_t>(limit));
  const std::uint64_t ring_first = ring_.empty() ? latest_ + 1 : ring_.first();
  if (after + 1 < ring_first) records = ReadStored(after, std::min(until, ring_first - 1));
  for (std::uint64_t next = std::max(after + 1, ring_first); next <= until; ++next) {
    records.push_back(ring_.At(next));
  }
  return records;
}

std::vector<RecordPtr> ChangeLog::ReadStored(std::uint64_t after, std::uint64_t until) const {
  std::vector<RecordPtr> records;
  select_records_.BindInteger(1, static_cast<std::int64_t>(after));
  select_records_.BindInteger(2, static_cast<std::int64_t>(until));
  const SqliteReset reset(select_records_);
  while (select_records_.Step()) records.push_back(RecordOf(select_records_));
  return records;
}

RecordPtr ChangeLog::RecordOf(const SqliteStatement& row) const {
  auto record = std::make_shared<ChangeRecord>();
  record->sequence = static_cast<std::uint64_t>(row.Integer(0));
  record->table = static_cast<int>(row.Integer(1));
  const TableInfo* const table = FindTableInfo(tables_, record->table);
  if (!table) throw SqliteError(0, "the data file is damaged: a record of an unknown table");
  record->expired = row.Bytes(2) == kExpire;
  record->type = ChangeTypeFromName(row.Bytes(2));
  record->unix_nanos = row.Integer(3);
  record->key.partition = row.Bytes(5);
  record->key.sort = row.Bytes(6);
  record->shard = ShardOf(record->key.partition, table->description.shards);
  if (!row.IsNull(4)) {
    record->old_image = Image(*table, record->key, static_cast<std::uint64_t>(row.Integer(4)));
  }
  if (record->type != ChangeType::kRemove) {
    record->new_image = ring_.Image(record->sequence);
    if (!record->new_image) {
      record->new_image = ReadImage(row, 7, *table, record->key, record->sequence);
    }
  }
  return record;
}

std::vector<RecordPtr> ChangeLog::ReadTable(int table, std::uint64_t after, std::uint64_t until,
                                            int limit, std::uint64_t span,
                                            std::uint64_t* seen) const {
  std::vector<RecordPtr> records;
  *seen = after;
  const std::uint64_t last = std::min({latest_, until, span < latest_ ? after + span : latest_});
  if (after >= last) return records;
  const auto full = [&] { return static_cast<int>(records.size()) >= limit; };
  const std::uint64_t ring_first = ring_.empty() ? latest_ + 1 : ring_.first();
  if (after + 1 < ring_first) {
    const std::uint64_t stored = std::min(last, ring_first - 1);
    select_table_records_.BindInteger(1, static_cast<std::int64_t>(after));
    select_table_records_.BindInteger(2, static_cast<std::int64_t>(stored));
    select_table_records_.BindInteger(3, table);
    select_table_records_.BindInteger(4, limit);
    const SqliteReset reset(select_table_records_);
    while (select_table_records_.Step()) records.push_back(RecordOf(select_table_records_));
    *seen = full() ? records.back()->sequence : stored;
  }
  for (std::uint64_t next = *seen + 1; next <= last && !full(); ++next) {
    const RecordPtr& record = ring_.At(next);
    if (record->table == table) records.push_back(record);
    *seen = next;
  }
  return records;
}

void ChangeLog::VisitBack(std::uint64_t after,
                          const std::function<void(const ChangeRecord&)>& visit) const {
  for (std::uint64_t next = last_; next > std::max(after, latest_); --next) {
    visit(*pending_[next - latest_ - 1]);
  }
  std::uint64_t next = latest_;
  for (; next > after && ring_.Contains(next); --next) visit(*ring_.At(next));
  while (next > after) {
    const std::uint64_t from = next - after > kChunk ? next - kChunk : after;
    const std::vector<RecordPtr> records = ReadStored(from, next);
    for (auto record = records.rbegin(); record != records.rend(); ++record) visit(**record);
    next = from;
  }
}

std::int64_t ChangeLog::TimeOf(std::uint64_t sequence) const {
  if (ring_.Contains(sequence)) return ring_.At(sequence)->unix_nanos;
  select_time_.BindInteger(1, static_cast<std::int64_t>(sequence));
  const SqliteReset reset(select_time_);
  return select_time_.Step() ? select_time_.Integer(0) : 0;
}

std::uint64_t ChangeLog::PositionAt(std::int64_t unix_nanos) const {
  // Times rise with the sequence within the records of one process.  Earlier processes may have had
  // a faster clock: their records are searched only when this process has no answer.
  const auto search = [&](std::uint64_t low, std::uint64_t high) {  // the answer is in [low, high]
    while (low < high) {
      const std::uint64_t middle = high - (high - low) / 2;
      if (TimeOf(middle) <= unix_nanos) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  };
  const std::uint64_t start = std::max(start_, low_water_);
  const std::uint64_t found = search(start, latest_);
  return found > start ? found : search(low_water_, start);
}

}  // namespace kless
