#include "store/sqlite/key_range.h"

#include <utility>

#include "emulator/dynamodb/model/key_schema.h"
#include "store/sqlite/change_log.h"

namespace kless {
namespace {

// Sort keys have at most 1024 bytes, and names of resources in the inverted index at most 2048; a
// BLOB sorts after every TEXT.
const std::string& BehindAllKeys() {
  static const std::string bytes(2049, '\xff');
  return bytes;
}

// Returns the smallest key greater than `key`.
std::string Successor(const std::string& key) { return key + '\0'; }

void Raise(std::string& from, std::string bound) {
  if (bound > from) from = std::move(bound);
}

void Lower(std::optional<std::string>& until, std::string bound) {
  if (!until || bound < *until) until = std::move(bound);
}

}  // namespace

void KeyRange::LimitToPrefix(const std::string& prefix) {
  Raise(from, prefix);
  if (auto behind = AfterPrefix(prefix)) Lower(until, std::move(*behind));
}

void KeyRange::LimitToFrom(const std::string& key) { Raise(from, key); }
void KeyRange::LimitToTo(const std::string& key) { Lower(until, Successor(key)); }
void KeyRange::LimitToAfter(const std::string& key) { Raise(from, Successor(key)); }
void KeyRange::LimitToBefore(const std::string& key) { Lower(until, key); }

KeyRange KeyRange::Of(const QueryOptions& options) {
  KeyRange range;
  range.LimitToPrefix(options.prefix);
  if (options.from) range.LimitToFrom(*options.from);
  if (options.to) range.LimitToTo(*options.to);
  if (options.above) range.LimitToAfter(*options.above);
  if (options.below) range.LimitToBefore(*options.below);
  if (options.after && options.descending) range.LimitToBefore(*options.after);
  if (options.after && !options.descending) range.LimitToAfter(*options.after);
  return range;
}

void KeyRange::BindUntil(SqliteStatement& statement, int index, KeyType type) const {
  if (until) {
    BindKeyPart(statement, index, type, *until);
  } else {
    statement.BindBlob(index, BehindAllKeys());
  }
}

}  // namespace kless
