// VersionCache: the current versions of recently used items, which saves queries to SQLite.  All
// writes to the file go through this process, so the cache is always right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "store/item/item.h"

namespace kless {

class VersionCache {
 public:
  // Bounded: each key has one place, shared with other keys; the last one used occupies it. 65,536
  // places take about 8 MB with keys of usual length, allocated as they are used.
  VersionCache() : chunks_(kChunks) {}

  // Returns 0 if there is no such item, nullopt if it is not cached.
  std::optional<std::uint64_t> Find(int table, const Key& key) const;
  void Set(int table, const Key& key, std::uint64_t version);
  void Clear();

 private:
  struct Place {
    int table = 0;
    bool used = false;
    std::uint64_t version = 0;
    Key key;
  };
  static constexpr std::size_t kChunks = 256;
  static constexpr std::size_t kChunkPlaces = 256;
  static std::size_t PlaceOf(int table, const Key& key);

  std::vector<std::unique_ptr<Place[]>> chunks_;
};

}  // namespace kless
