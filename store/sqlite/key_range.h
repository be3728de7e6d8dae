// KeyRange: the half-open range [from, until) of sort keys that a query selects, in key bytes.
#pragma once

#include <optional>
#include <string>

#include "store/sqlite/file/sqlite.h"
#include "store/table.h"

namespace kless {

struct KeyRange {
  std::string from;                  // inclusive; "" is before every key
  std::optional<std::string> until;  // exclusive; nullopt: unbounded

  // Each of these narrows the range.
  void LimitToPrefix(const std::string& prefix);
  void LimitToFrom(const std::string& key);    // >= key
  void LimitToTo(const std::string& key);      // <= key
  void LimitToAfter(const std::string& key);   // > key
  void LimitToBefore(const std::string& key);  // < key

  static KeyRange Of(const QueryOptions& options);
  // Binds a value greater than any key if there is no upper bound.
  void BindUntil(SqliteStatement& statement, int index, KeyType type) const;
};

}  // namespace kless
