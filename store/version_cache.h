// VersionCache: which version of recently used items is the current one, so that SQLite is not
// asked again.  All writes of the file go through this process: what is here is true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "store/item.h"

namespace kless {

class VersionCache {
 public:
  // Bounded: each key has one place, which it shares with others; the last one used has it.
  // 65,536 places: with keys of usual lengths about 8 MB, taken as they are used.
  VersionCache() : chunks_(kChunks) {}

  // 0: there is no such item.  nullopt: not known here.
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
