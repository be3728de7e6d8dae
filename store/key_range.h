// KeyRange: the half-open range [from, until) of sort keys that a query asks for, in key bytes.
#pragma once

#include <optional>
#include <string>

#include "store/sqlite.h"
#include "store/table.h"

namespace kless {

struct KeyRange {
  std::string from;                  // inclusive; "" is before every key
  std::optional<std::string> until;  // exclusive; nullopt: no end

  // Each narrows the range.
  void LimitToPrefix(const std::string& prefix);
  void LimitToFrom(const std::string& key);    // >= key
  void LimitToTo(const std::string& key);      // <= key
  void LimitToAfter(const std::string& key);   // > key
  void LimitToBefore(const std::string& key);  // < key

  static KeyRange Of(const QueryOptions& options);
  // A bound that no key reaches stands for "no end".
  void BindUntil(SqliteStatement& statement, int index, KeyType type) const;
};

}  // namespace kless
